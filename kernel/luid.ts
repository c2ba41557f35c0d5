// Identifiers that no other board has (RIOT sys/include/luid.h): made from the CPU's own number, and the
// same at each boot. Without such a number all boards have the same ones.
import { current, perBoard } from './current.ts';
import { undefined_on_riot } from './panic.ts';
import { CPUID_LEN, cpuid_get } from './periph/cpuid.ts';

/** What identifiers are made from if there is nothing else. */
export const LUID_BACKUP_SEED = 0x23;

/** What of a netdev_t counts here. */
export interface luid_netdev_t {
  /** NETDEV_TYPE_* */
  readonly type: number;
  /** Its number among the devices of its type. */
  readonly index: number;
}

const EUI48_LEN = 6;
const EUI64_LEN = 8;
const SHORT_LEN = 2;
/** Bits of the first byte of an EUI-48 or EUI-64 (RFC 7042 §2.1). */
const LOCAL = 0x02;
const GROUP = 0x01;
/** Where DJB2 starts. */
const HASH_START = 5381;

const statics = perBoard(() => ({ lastused: 0 }), { bytes: 1 });

/** The identifier of `len` bytes that all others of that length are made from; always the same. */
export function luid_base(buf: Uint8Array, len: number): void {
  if (len < 1 || len > buf.length) {
    undefined_on_riot(`an identifier of ${len} bytes in a buffer of ${buf.length}`);
    return;
  }
  buf.fill(LUID_BACKUP_SEED, 0, len);
  const cpuid = new Uint8Array(CPUID_LEN());
  if (cpuid.length === 0) return;
  cpuid_get(cpuid);
  mix(cpuid, buf, len);
  mix(buf.subarray(0, len), buf, len);
}

/** The next identifier: its first byte counts. They repeat after 256 calls, those below included. */
export function luid_get(buf: Uint8Array, len: number): void {
  luid_base(buf, len);
  buf[0] ^= next();
}

/** The next identifier: its last byte counts. */
export function luid_get_lb(buf: Uint8Array, len: number): void {
  luid_base(buf, len);
  buf[len - 1] ^= next();
}

/** The identifier that belongs to `gen`, 16 bits; always the same. */
export function luid_custom(buf: Uint8Array, len: number, gen: number): void {
  luid_base(buf, len);
  buf[0] ^= gen & 0xff;
  buf[1 % len] ^= (gen >> 8) & 0xff;
}

/** The next short address of 2 bytes, a unicast one (RFC 4944 §12). */
export function luid_get_short(addr: Uint8Array): void {
  luid_get_lb(addr, SHORT_LEN);
  addr[0] &= 0x7f;
}

/** The next EUI-48, locally administered and of no group. */
export function luid_get_eui48(addr: Uint8Array): void {
  luid_get_lb(addr, EUI48_LEN);
  makeLocal(addr);
}

/** The next EUI-64, locally administered and of no group. */
export function luid_get_eui64(addr: Uint8Array): void {
  luid_get_lb(addr, EUI64_LEN);
  makeLocal(addr);
}

/** The EUI-48 of a device; without module netdev_register all devices have the same one. */
export function luid_netdev_get_eui48(netdev: luid_netdev_t, addr: Uint8Array): void {
  ofDevice(netdev, addr, EUI48_LEN);
}

/** The EUI-64 of a device; without module netdev_register all devices have the same one. */
export function luid_netdev_get_eui64(netdev: luid_netdev_t, addr: Uint8Array): void {
  ofDevice(netdev, addr, EUI64_LEN);
}

function ofDevice(netdev: luid_netdev_t, addr: Uint8Array, len: number): void {
  luid_base(addr, len);
  if (current().modules.has('netdev_register')) {
    addr[len - 2] ^= netdev.type;
    addr[len - 1] ^= netdev.index;
  }
  makeLocal(addr);
}

function makeLocal(addr: Uint8Array): void {
  addr[0] = (addr[0] | LOCAL) & ~GROUP;
}

function next(): number {
  const state = statics();
  const value = state.lastused;
  state.lastused = (value + 1) & 0xff;
  return value;
}

/** One round of the hash over `input`, whose steps go into the bytes of `out` in turn. */
function mix(input: Uint8Array, out: Uint8Array, len: number): void {
  let hash = HASH_START;
  for (let i = 0; i < input.length; i++) {
    hash = (Math.imul(hash, 33) + input[i]) >>> 0;
    out[i % len] ^= hash & 0xff;
  }
}
