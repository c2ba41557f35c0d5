import test from 'ava';
import { LiveDriver } from '../../../emulator/bridge/driver.ts';
import { Simulation, replay } from '../../../emulator/sim/index.ts';
import { sender } from './apps.ts';
import { fromHex, hex } from '../../../net/wire/bytes.ts';
import { putFcs } from '../../../net/wire/ieee802154.ts';
import { TestHost, options } from './host.ts';

const STOP = { type: 'op', op: { type: 'stop', node: 'a' } } as const;

function withFcs(mpdu: Uint8Array): Uint8Array {
  const frame = new Uint8Array(mpdu.length + 2);
  frame.set(mpdu);
  putFcs(frame, 0, mpdu.length);
  return frame;
}

const frameOp = (frame: Uint8Array) =>
  ({ type: 'op', op: { type: 'frame', node: 'a', frame: hex(frame), channel: 26 } } as const);

/** The ACK of a frame. */
const ackOf = (frame: Uint8Array) => withFcs(Uint8Array.of(0x02, 0, frame[2]!));

/** A host that answers each frame of the board with an ACK, so many µs later by its own clock. */
class AckingHost extends TestHost {
  private readonly delay: number;

  constructor(delay: number) {
    super();
    this.delay = delay;
  }

  override send(message: Parameters<TestHost['send']>[0]): undefined {
    super.send(message);
    if (message.type === 'air' && (message.frame[0]! & 0x20) !== 0) {
      this.at(this.time - 5_000_000 + this.delay, frameOp(ackOf(message.frame)));
    }
    return undefined;
  }
}

/** Frames that the board sent, with the time of the host since the start. */
const sentBy = (host: TestHost) =>
  host.sent.flatMap(([time, message]) => message.type === 'air' ? [{ time, frame: message.frame }] : []);

/** Runs a board that sends one datagram to fe80::b, where nobody is, 1 s after its boot. */
function run(host: TestHost): Simulation {
  const simulation = new Simulation(options({ a: sender }));
  new LiveDriver(simulation, host, true).run();
  return simulation;
}

for (const delay of [300, 860, 3500]) {
  test(`an ACK of a real process counts ${delay} µs after the frame, by the host's clock`, (t) => {
    // RIOT waits 864 µs. Two ways through sockets and processes take about that long on a host; the clock of the boards
    // waits meanwhile, so that nothing is sent twice.
    const host = new AckingHost(delay).at(1_200_000, STOP);
    const simulation = run(host);
    const unicast = sentBy(host).filter(({ frame }) => (frame[0]! & 0x20) !== 0);
    t.is(unicast.length, 1);
    const recording = simulation.recording();
    t.is(replay(recording, options({ a: sender })).digest(), simulation.digest());
  });
}

test('without an ACK the board sends five times, and its clock catches up with the host\'s', (t) => {
  // The clock waits 4 ms for each; when they are over, virtual time is the host's again: SIGINT comes at its time.
  const host = new TestHost().at(1_200_000, STOP);
  const simulation = run(host);
  const unicast = sentBy(host).filter(({ frame }) => (frame[0]! & 0x20) !== 0);
  t.is(unicast.length, 5);
  t.is(simulation.journal.at(-1)!.time, 1_200_000);
});

test('a frame from outside is acknowledged without a sleep of the host', (t) => {
  // The ACK comes 192 µs after the frame in virtual time; a host that slept for them would be late for the sender's
  // time-out. The frame is a real one's: to fe80::a, ACK asked for.
  const mpdu = '61dc012300' + '0100000000000002' + '0b00000000000002' + '7a333a8000' + '5a5a00010000deadbeef';
  const host = new TestHost().at(500_000, frameOp(withFcs(fromHex(mpdu)))).at(1_200_000, STOP);
  run(host);
  const ack = sentBy(host).find(({ frame }) => frame.length === 5);
  t.is(ack?.time, 500_000);
  t.is(hex(ack!.frame.subarray(0, 3)), '020001');
});

test('frames are told to the outside only when asked', (t) => {
  // Every message costs a wake-up of the other thread.
  const host = new TestHost().at(1_200_000, STOP);
  new LiveDriver(new Simulation(options({ a: sender })), host).run();
  t.is(sentBy(host).length, 0);
});
