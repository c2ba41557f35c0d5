// A board under attack, an honest one that talks to it, and what must be true of both whatever arrives.
import { CREDENTIALS } from '../../../apps/dtls_sock/credentials.ts';
import { dtls_sock } from '../../../apps/dtls_sock/main.ts';
import { app as sock_udp_echo } from '../../../apps/sock_udp_echo/main.ts';
import { native } from '../../../boards/native.ts';
import { stream } from '../../../emulator/sim/prng.ts';
import { type SimNode, Simulation } from '../../../emulator/sim/index.ts';
import type { TraceRecord } from '../../../emulator/trace/event.ts';
import type { App } from '../../../kernel/app.ts';
import type { Blocking } from '../../../kernel/blocking.ts';
import { thread_create } from '../../../kernel/thread.ts';
import { ZTIMER_USEC, ztimer_now, ztimer_periodic_wakeup, ztimer_sleep } from '../../../kernel/ztimer.ts';
import { gnrc_pktbuf_used } from '../../../net/gnrc/pktbuf.ts';
import { type Profile, QUIRKS } from '../../../net/quirks.ts';
import {
  SOCK_IPV6_EP_ANY, sock_udp_create, sock_udp_recv, sock_udp_send, sock_udp_t,
} from '../../../net/sock/udp.ts';
import { hex } from '../../../net/wire/bytes.ts';
import { ECHO_PORT, HONEST, TARGET, TARGET_IP, TARGET_IP_ETHERNET, withFcs } from './corpus.ts';
import { Fuzzer } from './mutate.ts';

const SECOND = 1_000_000;
const MS = 1000;
const SETTLE = 3 * SECOND;
/** Longer than any reassembly, address resolution and pause of a queue. */
const DRAIN = 70 * SECOND;
/** From one hostile frame to the next. */
const GAP = 10 * MS;
/** Slices of all boards that one frame may cause within GAP; the honest ones' own work is in it. */
const SLICES_MAX = 200;
const HONEST_PAUSE = 100 * MS;
const ANSWER_WITHIN = 50 * MS;

export interface Role {
  readonly name: string;
  readonly modules: readonly string[];
  readonly config?: Readonly<Record<string, number | string>>;
  /** Its Ethernet segments. */
  readonly wires?: readonly string[];
  /** Whether all of it happens on Ethernet, on the segment `lan`. */
  readonly ethernet?: boolean;
}

/** How the board under attack behaves. */
export interface Manners {
  readonly name: string;
  readonly profile: Profile;
  readonly quirks?: Readonly<Record<string, boolean>>;
  /** Whether a leak that is a quirk may have left something in the packet buffer, if it acted. */
  readonly leaks?: boolean;
}

/** Quirks that leave something behind: bytes of the packet buffer, or intervals of reassembly as the last one does. */
export const LEAKS: readonly string[] = [
  ...Object.keys(QUIRKS).filter((id) => id.endsWith('-leak')), 'vrb-frees-first-entry',
];

/** What an honest board counts of its own traffic. */
interface Honest {
  sent: number;
  answered: number;
}

export interface Attack {
  readonly role: Role;
  readonly manners: Manners;
  readonly seed: number;
  readonly frames: readonly Uint8Array[];
}

/** What went wrong, and the most that single frames took; null for nothing. */
export interface Outcome {
  readonly failure: string | null;
  /** Most slices between one frame and the next. */
  readonly slices: number;
  /** Honest datagrams answered during the attack, and how many were sent. */
  readonly honest: Honest;
  /** How often something was dropped, by layer and reason. */
  readonly drops: ReadonlyMap<string, number>;
  readonly quirks: ReadonlyMap<string, number>;
}

/** The board under attack: an echo server, a DTLS server, and a shell. */
function targetApp(role: Role): App {
  const dtls = dtls_sock(CREDENTIALS);
  return {
    name: 'target',
    modules: [...new Set([...dtls.modules, ...sock_udp_echo.modules, ...role.modules])],
    * main(): Blocking<number> {
      yield* thread_create({ length: 8192 }, 8192, 6, 0, echo, null, 'echo');
      return (yield* dtls.main()) ?? 0;
    },
  };
}

function* echo(): Blocking<null> {
  yield* sock_udp_echo.main();
  return null;
}

/** From 2 s on it sends a datagram every 100 ms and waits for the echo. */
function honestApp(counts: Honest, target: Uint8Array): App {
  return {
    name: 'honest',
    modules: [...sock_udp_echo.modules, 'gnrc_icmpv6_echo'],
    * main(): Blocking<number> {
      const sock = new sock_udp_t();
      const local = SOCK_IPV6_EP_ANY();
      local.port = 4000;
      sock_udp_create(sock, local, null, 0);
      const remote = SOCK_IPV6_EP_ANY();
      remote.addr.ipv6.set(target);
      remote.port = ECHO_PORT;
      const data = new Uint8Array(40).fill(0x55);
      const answer = new Uint8Array(64);
      // Both boards have their addresses by then: one that asks for the other's earlier would have it taken for a
      // duplicate, since it has no source address yet.
      yield* ztimer_sleep(ZTIMER_USEC, 2 * SECOND);
      const last = { value: ztimer_now(ZTIMER_USEC) };
      while (true) {
        data[0]!++;
        counts.sent++;
        yield* sock_udp_send(sock, data, data.length, remote);
        const end = ztimer_now(ZTIMER_USEC) + ANSWER_WITHIN;
        for (let left = ANSWER_WITHIN; left > 0; left = end - ztimer_now(ZTIMER_USEC)) {
          const res = yield* sock_udp_recv(sock, answer, answer.length, left, null);
          // A late answer to the one before may come first.
          if (res !== data.length || answer[0] !== data[0]) continue;
          counts.answered++;
          break;
        }
        yield* ztimer_periodic_wakeup(ZTIMER_USEC, last, HONEST_PAUSE);
      }
    },
  };
}

/** What the trace tells that must not be, and counts. */
class Watch {
  readonly drops = new Map<string, number>();
  readonly quirks = new Map<string, number>();
  readonly levels = new Map<string, number>();
  wrong: string | null = null;

  readonly read = ({ node, event }: TraceRecord): undefined => {
    switch (event.type) {
      case 'assert':
        this.wrong ??= `${node}: failed assertion at ${event.where}`;
        return;
      case 'panic':
        this.wrong ??= `${node}: panic, ${event.text}`;
        return;
      case 'drop':
        return add(this.drops, `${event.layer} ${event.reason}`);
      case 'quirk':
        return add(this.quirks, event.id);
      case 'gauge':
        this.levels.set(`${node} ${event.name}`, event.used);
        if (event.used > event.limit || event.used < 0) {
          this.wrong ??= `${node}: ${event.name} is ${event.used} of ${event.limit}`;
        }
        return;
    }
  };
}

function add(counts: Map<string, number>, key: string): undefined {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function used({ kernel }: SimNode): number {
  return kernel === null ? 0 : gnrc_pktbuf_used(kernel);
}

/** Lets frames loose on a board, one every 10 ms, and looks at both boards afterwards. */
export function attack({ role, manners, seed, frames }: Attack): Outcome {
  const honest: Honest = { sent: 0, answered: 0 };
  const { profile, quirks = {}, leaks = false } = manners;
  const { config = {}, wires = [], ethernet = false } = role;
  const radio = !ethernet;
  const app = honestApp(honest, ethernet ? TARGET_IP_ETHERNET : TARGET_IP);
  const simulation = new Simulation({ seed, profile, quirks, nodes: {
    target: { board: native, app: targetApp(role), eui64: TARGET, bootAt: 0, config, wires, radio },
    honest: { board: native, app, eui64: HONEST, bootAt: 0, wires: ethernet ? wires : [], radio },
  } });
  const watch = new Watch();
  simulation.trace.subscribe(watch.read);
  simulation.runFor(SETTLE);
  simulation.apply({ type: 'type', node: 'target', text: 'dtlss start' });
  simulation.runFor(SECOND);
  const baseline = used(simulation.node('target'));
  let slices = 0;
  const before = { ...honest };
  const done = (failure: string | null): Outcome => ({
    failure, slices, drops: watch.drops, quirks: watch.quirks,
    honest: { sent: honest.sent - before.sent, answered: honest.answered - before.answered },
  });
  if (honest.answered === 0) return done('the honest board gets no answer before the attack');
  for (const frame of frames) {
    const start = simulation.sequence;
    if (ethernet) simulation.apply({ type: 'wire_frame', wire: 'lan', frame: hex(frame) });
    else arrive(simulation, frame);
    simulation.runFor(GAP);
    slices = Math.max(slices, simulation.sequence - start);
    const wrong = watch.wrong ?? crashed(simulation);
    if (wrong !== null) return done(wrong);
    if (slices > SLICES_MAX) return done(`${slices} slices for one frame`);
  }
  const during = done(null);
  simulation.runFor(DRAIN);
  const leaked = leaks && LEAKS.some((id) => watch.quirks.has(id));
  const left = leaked ? null : leftovers(simulation, watch, baseline);
  const failure = watch.wrong ?? crashed(simulation) ?? left ?? unanswered(simulation, honest);
  return { ...during, failure };
}

/** A frame is on the air. */
function arrive(simulation: Simulation, frame: Uint8Array): undefined {
  simulation.apply({ type: 'frame', node: 'target', frame: withFcs(frame) });
  const toAll = frame[5] === 0xff && frame[6] === 0xff;
  if (toAll) simulation.apply({ type: 'frame', node: 'honest', frame: withFcs(frame) });
}

function crashed(simulation: Simulation): string | null {
  for (const { name, state, failure } of simulation.nodes) {
    if (state !== 'on') return `${name} has ${state}: ${failure instanceof Error ? failure.stack : String(failure)}`;
  }
  return null;
}

/** What is left of an attack when all is quiet; null for nothing. */
function leftovers(simulation: Simulation, watch: Watch, baseline: number): string | null {
  // Between two honest datagrams nothing of theirs is under way. A router's advertisement may be, though, now and then.
  simulation.runFor(HONEST_PAUSE - (simulation.now % HONEST_PAUSE) + HONEST_PAUSE / 2);
  for (let n = 0; n < 10 && inUse(simulation, watch, baseline) !== null; n++) simulation.runFor(SECOND);
  return inUse(simulation, watch, baseline);
}

function inUse(simulation: Simulation, watch: Watch, baseline: number): string | null {
  const now = used(simulation.node('target'));
  if (now > baseline) return `${now} bytes of the packet buffer in use, ${baseline} before`;
  for (const [name, level] of watch.levels) {
    if (level > 0 && /RBUF|FRAG|VRB|FB_SIZE|PKTQ/.test(name)) return `${name}: ${level} entries left`;
  }
  return null;
}

function unanswered(simulation: Simulation, honest: Honest): string | null {
  const before = { ...honest };
  simulation.runFor(10 * HONEST_PAUSE);
  const [sent, answered] = [honest.sent - before.sent, honest.answered - before.answered];
  return answered < sent - 1 ? `${answered} of ${sent} honest datagrams answered when all was over` : null;
}

/** The frames of an attack. */
export function framesOf(seed: number, count: number, ethernet = false): Uint8Array[] {
  const fuzzer = new Fuzzer(stream(seed, 'target', 'fuzz'), ethernet);
  return Array.from({ length: count }, () => fuzzer.next());
}

/** Runs an attack again with ever fewer frames, as long as it fails; at most `runs` times. */
export function smallest(given: Attack, runs = 600): { frames: readonly Uint8Array[]; failure: string | null } {
  let { frames } = given;
  let { failure } = attempt(given);
  // What comes behind the failure has no part in it, and so on by halves, down to single frames.
  for (let chunk = Math.ceil(frames.length / 2), last = 0; runs > 0; chunk = Math.ceil(chunk / 2)) {
    const before = frames.length;
    for (let end = frames.length; end > 0 && runs > 0; end -= chunk, runs--) {
      const fewer = [...frames.slice(0, Math.max(0, end - chunk)), ...frames.slice(end)];
      const outcome = attempt({ ...given, frames: fewer });
      if (outcome.failure !== null) [frames, failure] = [fewer, outcome.failure];
    }
    // Single frames are gone through until none can go.
    if (chunk === 1 && last === 1 && frames.length === before) break;
    last = chunk;
  }
  return { frames, failure };
}

/** `attack()`, with what it throws as its failure. */
export function attempt(given: Attack): Outcome {
  try {
    return attack(given);
  } catch (error) {
    const failure = `thrown: ${error instanceof Error ? error.stack : String(error)}`;
    return { failure, slices: 0, honest: { sent: 0, answered: 0 }, drops: new Map(), quirks: new Map() };
  }
}

/** All that somebody needs to see it again. */
export function report(given: Attack): string {
  const { frames, failure } = smallest(given);
  const quirks = [...attempt({ ...given, frames }).quirks.keys()].join(', ');
  return [
    `${given.role.name}, ${given.manners.name}, seed ${given.seed}: ${failure ?? 'fails with all frames only'}`,
    `quirks met: ${quirks === '' ? 'none' : quirks}; frames without FCS:`,
    ...frames.map((frame) => `  ${hex(frame)}`),
  ].join('\n');
}
