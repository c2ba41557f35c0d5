// Hostile frames from outside against a whole board: radio, netif, 6LoWPAN, IPv6, UDP, sock_dtls and
// the engine, with the DTLS server of the example listening.
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { dtls_sock } from '../../../apps/dtls_sock/main.ts';
import { CREDENTIALS } from '../../../apps/dtls_sock/credentials.ts';
import { native } from '../../../boards/native.ts';
import { Simulation } from '../../../emulator/sim/simulation.ts';
import type { TraceRecord } from '../../../emulator/trace/event.ts';
import { gnrc_pktbuf_used } from '../../../net/gnrc/pktbuf.ts';
import type { Profile } from '../../../net/quirks.ts';
import { fromHex, hex } from '../../../net/wire/bytes.ts';
import { putFcs } from '../../../net/wire/ieee802154.ts';
import { readCapture } from '../../vectors/pcap.ts';

const SEED = 42;
const SECOND = 1_000_000;
/** Longer than the 3 s after which a reassembly is given up. */
const DRAIN = 4 * SECOND;
const SERVER = '02:00:00:00:00:00:00:0a';

/** What a node of the captures sent to the server, without FCS: handshake, UDP, fragments, solicitations. */
const frames = ['d-psk', 'c-udp', 'e-ecc_noverify', 'f-wrongid'].flatMap((name) => readCapture(name))
  .map((frame) => frame.mpdu).filter((mpdu) => mpdu.length > 3);

function withFcs(mpdu: Uint8Array): string {
  const psdu = new Uint8Array(mpdu.length + 2);
  psdu.set(mpdu);
  putFcs(psdu, 0, mpdu.length);
  return hex(psdu);
}

/** A server that listens, and a client, both idle. */
function network(profile: Profile = 'riot'): Simulation {
  const eui64 = (text: string) => fromHex(text);
  const app = dtls_sock(CREDENTIALS);
  const sim = new Simulation({ seed: SEED, profile, nodes: {
    server: { board: native, app, eui64: eui64(SERVER), bootAt: 0 },
    client: { board: native, app, eui64: eui64('02:00:00:00:00:00:00:0b'), bootAt: 0 },
  } });
  sim.runFor(2 * SECOND);
  sim.apply({ type: 'type', node: 'server', text: 'dtlss start' });
  sim.runFor(SECOND);
  return sim;
}

function used(sim: Simulation): number {
  return gnrc_pktbuf_used(sim.node('server').kernel!);
}

/** One captured frame with some of its bytes changed and its end cut off or grown. */
const mutated = fc.tuple(
  fc.nat({ max: frames.length - 1 }),
  fc.array(fc.tuple(fc.nat({ max: 124 }), fc.nat({ max: 255 })), { maxLength: 4 }),
  fc.integer({ min: 1, max: 125 }),
).map(([index, changes, length]) => {
  const original = frames[index]!;
  // Half of the frames keep their length, so that the changes reach what lies behind the length checks.
  const mpdu = new Uint8Array(length % 2 === 0 ? original.length : length);
  mpdu.set(original.subarray(0, mpdu.length));
  for (const [at, value] of changes) if (at < mpdu.length) mpdu[at] = value;
  return mpdu;
});

test('changed, cut and grown frames of real nodes neither stop a board nor keep a byte of its packet buffer', (t) => {
  // The server still runs, its packet buffer is back where it was, and nothing left the simulation as an exception.
  const sim = network();
  const baseline = used(sim);
  fc.assert(fc.property(fc.array(mutated, { minLength: 1, maxLength: 6 }), (burst) => {
    for (const mpdu of burst) {
      sim.apply({ type: 'frame', node: 'server', frame: withFcs(mpdu) });
      sim.runFor(20_000);
    }
    sim.runFor(DRAIN);
    return sim.node('server').state === 'on' && used(sim) === baseline;
  }), { seed: SEED, numRuns: 150 });
  t.notRegex(sim.node('server').console, /panic|FAILED ASSERTION|undefined on RIOT/);
});

test('bytes of no meaning at all are dropped by the first layer that looks', (t) => {
  // Any 1 to 125 bytes with a right FCS; addresses hardly ever fit, so most end at the radio's filter.
  const sim = network();
  const baseline = used(sim);
  fc.assert(fc.property(fc.uint8Array({ minLength: 1, maxLength: 125 }), (mpdu) => {
    sim.apply({ type: 'frame', node: 'server', frame: withFcs(mpdu) });
    sim.runFor(20_000);
    return sim.node('server').state === 'on';
  }), { seed: SEED, numRuns: 500 });
  sim.runFor(DRAIN);
  t.is(used(sim), baseline);
});

/** Sends broken frames to the server and returns what each is dropped for. */
function reasons(t: ExecutionContext, profile: Profile): string[][] {
  const sim = network(profile);
  const drops: string[] = [];
  sim.trace.subscribe((record: TraceRecord) => {
    const { event } = record;
    if (record.node === 'server' && event.type === 'drop') drops.push(`${event.layer}: ${event.reason}`);
    return undefined;
  });
  const hello = readCapture('c-udp').map((frame) => frame.mpdu).find((mpdu) => mpdu.length === 35 &&
    hex(mpdu).endsWith(hex(new TextEncoder().encode('hello'))))!;
  t.truthy(hello);
  const send = (change: (mpdu: Uint8Array) => Uint8Array) => {
    drops.length = 0;
    sim.apply({ type: 'frame', node: 'server', frame: withFcs(change(hello.slice())) });
    sim.runFor(20_000);
    return [...drops];
  };
  const set = (at: number, value: number) => (mpdu: Uint8Array) => {
    mpdu[at] = value;
    return mpdu;
  };
  return [
    // Right, but nobody listens at port 8888.
    send((mpdu) => mpdu),
    // IPHC: DAC=1 with DAM=00 is reserved (RFC 6282 §3.1.1).
    send(set(22, 0x34)),
    // The last byte of the data: the checksum no longer fits.
    send((mpdu) => set(mpdu.length - 1, 0x00)(mpdu)),
    // Cut within the UDP header.
    send((mpdu) => mpdu.subarray(0, 26)),
  ];
}

test('what is dropped on the way up is traced with its layer and its reason', (t) => {
  // Each frame is broken in one layer, so the drop must name that layer. RIOT takes the reserved address mode for the
  // unspecified address (quirk iphc-reserved-accepted).
  t.deepEqual(reasons(t, 'rfc'),
    [['udp: no-listener'], ['6lo: iphc-reserved'], ['udp: bad-checksum'], ['6lo: truncated']]);
  t.deepEqual(reasons(t, 'riot'),
    [['udp: no-listener'], ['ipv6: not-for-me'], ['udp: bad-checksum'], ['6lo: truncated']]);
});

test('after a storm of bad frames a handshake still works', (t) => {
  // The bounded pools of server and stack must all be free again for this to succeed.
  const sim = network();
  const stream = fc.sample(mutated, { seed: SEED, numRuns: 300 });
  for (const mpdu of stream) {
    sim.apply({ type: 'frame', node: 'server', frame: withFcs(mpdu) });
    sim.runFor(5000);
  }
  sim.runFor(DRAIN);
  sim.apply({ type: 'type', node: 'client', text: 'dtlsc fe80::a still' });
  sim.runFor(2 * SECOND);
  t.regex(sim.node('client').console, /Received 5 bytes: "still"/);
});
