// The shell command `6ctx` (RIOT sys/shell/cmds/gnrc_sixlowpan_ctx.c).
import { current, perBoard } from '../../kernel/current.ts';
import { undefined_on_riot } from '../../kernel/panic.ts';
import { SHELL_COMMAND } from '../../kernel/shell.ts';
import { atoi } from '../../kernel/stdlib.ts';
import { printf } from '../../kernel/stdio.ts';
import { ZTIMER_MSEC, ztimer_set, ztimer_t } from '../../kernel/ztimer.ts';
import { net_config } from '../config.ts';
import {
  GNRC_SIXLOWPAN_CTX_FLAGS_COMP, GNRC_SIXLOWPAN_CTX_SIZE, gnrc_sixlowpan_ctx_lookup_id, type gnrc_sixlowpan_ctx_t,
  gnrc_sixlowpan_ctx_update,
} from '../gnrc/sixlowpan_ctx.ts';
import { ipv6_addr_from_str, ipv6_addr_is_unspecified, ipv6_addr_to_str } from '../wire/addr.ts';
import { put16 } from '../wire/bytes.ts';

const MS_PER_SEC = 1000;
const IPV6_ADDR_BIT_LEN = 128;
const GROUPS = 8;

/** Until when a context that was deleted is kept for decompression, by identifier; null: not deleted. */
const statics = perBoard(
  () => ({ deletions: new Array<ztimer_t | null>(GNRC_SIXLOWPAN_CTX_SIZE).fill(null) }), { bytes: 0 });

/** Module shell_cmd_gnrc_sixlowpan_ctx: `6ctx`. */
export function shell_cmd_gnrc_sixlowpan_ctx(): void {
  SHELL_COMMAND('6ctx', '6LoWPAN context configuration tool', sixlowpanCtx);
}

function sixlowpanCtx(argc: number, argv: readonly string[]): number {
  const cmd = argv[0]!;
  if (argc < 2) return list();
  if (argv[1] === 'add') return argc < 5 ? usage(cmd) : add(cmd, argv[2]!, argv[3]!, argv[4]!);
  if (argv[1] !== 'del') return usage(cmd);
  if (argc > 2) return del(cmd, argv[2]!);
  undefined_on_riot(`${cmd} del: the context is read from NULL`);
  return usage(cmd);
}

function usage(cmd: string): number {
  printf(`usage: ${cmd} [{add <0-15> <prefix>/<prefix_len> <ltime in min>|del <ctx>}]\n`);
  printf('       `del` will only invalidate the context for compression. It can be\n');
  printf('       reassigned after 5 min.\n');
  return 1;
}

function list(): number {
  printf('cid|prefix                                     |C|ltime\n');
  printf('-----------------------------------------------------------\n');
  for (let cid = 0; cid < GNRC_SIXLOWPAN_CTX_SIZE; cid++) {
    const ctx = gnrc_sixlowpan_ctx_lookup_id(cid);
    if (ctx === null) continue;
    const prefix = `${ipv6_addr_to_str(ctx.prefix).padStart(39)}/${String(ctx.prefix_len).padEnd(3)}`;
    const flags = (ctx.flags_id >> 4).toString(16);
    printf(` ${String(cid).padStart(2)}|${prefix}|${flags}|${String(ctx.ltime).padStart(5)}min\n`);
  }
  return 0;
}

function warnUnlessBorderRouter(): void {
  if (current().modules.has('gnrc_ipv6_nib_6lbr')) return;
  printf('WARNING: context dissemination by non-6LBR not supported\n');
}

/** Whether a number, unsigned as RIOT has it, is an identifier. */
function isId(cid: number): boolean {
  return cid >= 0 && cid < GNRC_SIXLOWPAN_CTX_SIZE;
}

function add(cmd: string, ctx: string, prefix: string, ltime: string): number {
  const cid = atoi(ctx);
  if (!isId(cid)) return usage(cmd);
  warnUnlessBorderRouter();
  // strtok_r(): slashes in a row part once.
  const [text, lengthText] = prefix.split('/').filter((part) => part !== '');
  if (text === undefined || lengthText === undefined) return usage(cmd);
  const length = atoi(lengthText);
  if (((length - 1) >>> 0) > IPV6_ADDR_BIT_LEN) {
    printf('ERROR: prefix_len < 1 || prefix_len > 128\n');
    return 1;
  }
  const addr = ipv6_addr_from_str(text) ?? parsedSoFar(text);
  if (ipv6_addr_is_unspecified(addr)) {
    printf('ERROR: prefix may not be ::\n');
    return 1;
  }
  if (gnrc_sixlowpan_ctx_update(cid, addr, length, atoi(ltime), true) === null) {
    printf('ERROR: can not add context\n');
    return 1;
  }
  return 0;
}

/** What RIOT's parser leaves of a text that is no address: the groups before the fault. Its answer is not looked at. */
function parsedSoFar(text: string): Uint8Array {
  const addr = new Uint8Array(16);
  const groups = text.split(':');
  for (let i = 0; i < Math.min(groups.length, GROUPS) && /^[0-9a-fA-F]{1,4}$/.test(groups[i]!); i++) {
    put16(addr, 2 * i, parseInt(groups[i]!, 16));
  }
  return addr;
}

function del(cmd: string, text: string): number {
  const cid = atoi(text);
  if (!isId(cid)) return usage(cmd);
  warnUnlessBorderRouter();
  const { deletions } = statics();
  if (deletions[cid] !== null) {
    printf(`Context ${cid} already marked for removal\n`);
    return 1;
  }
  const ctx = gnrc_sixlowpan_ctx_lookup_id(cid);
  if (ctx !== null) deletions[cid] = removeLater(ctx);
  return 0;
}

/** No longer to compress from now on; gone when nobody can have packets with it on the way (RFC 6775 §8.2.1). */
function removeLater(ctx: gnrc_sixlowpan_ctx_t): ztimer_t {
  ctx.flags_id &= ~GNRC_SIXLOWPAN_CTX_FLAGS_COMP;
  ctx.ltime = 0;
  const timer = new ztimer_t((): undefined => {
    ctx.prefix_len = 0;
    statics().deletions[ctx.id] = null;
  });
  ztimer_set(ZTIMER_MSEC, timer, net_config().SIXLOWPAN_ND_MIN_CTX_CHANGE_SEC_DELAY * MS_PER_SEC);
  return timer;
}
