import test from 'ava';
import { Ladder } from '../../../emulator/trace/ladder.ts';
import { CLIENT, NODES, SERVER, captured, record, tx } from './records.ts';

function ladderOf(name: string, from: number, to: number): Ladder {
  const ladder = new Ladder(NODES);
  for (const entry of captured(name).slice(from, to)) ladder.read(entry);
  return ladder;
}

test('a captured handshake reads as a ladder, ACKs folded into the frames that they acknowledge', (t) => {
  // The frames, their times, senders and sizes are those that d-psk.frames.txt lists.
  t.is(ladderOf('d-psk', 3, 9).text(), `\
    time ms server            client bytes, + if acknowledged
   1289.100    |<================*      45  RS
               :                 :
   3753.918    |<----------------|     109+ DTLS ClientHello msg0 seq0 ep0
   3756.855    |---------------->|      76+ DTLS HelloVerifyRequest msg0 seq0 ep0
   3761.217    |<----------------|     125  DTLS ClientHello msg1 seq1 ep0, no ACK
`);
});

test('ACKs are frames of their own when asked for', (t) => {
  // The same frames with one line more.
  t.is(ladderOf('d-psk', 4, 6).text({ acks: true }), `\
    time ms server            client bytes, + if acknowledged
   3753.918    |<----------------|     109+ DTLS ClientHello msg0 seq0 ep0
   3754.336    |---------------->|       5  ACK 98
`);
});

test('no line of a captured handshake is wider than 100 columns', (t) => {
  // Terminals, logs of CI and mails are that wide; raw public keys have the longest lines, with fragments and retries.
  for (const name of ['d-psk', 'e-ecc_noverify', 'f-wrongid']) {
    t.deepEqual(ladderOf(name, 0, 1000).text().split('\n').filter((line) => line.length > 100), []);
  }
});

test('a retry, a lost frame and a lost ACK are marked', (t) => {
  // The three look alike on the air (the same frame comes again): the trace knows which it was.
  const ladder = new Ladder(NODES);
  const [hello, ack] = captured('d-psk').slice(4, 6) as [ReturnType<typeof tx>, ReturnType<typeof tx>];
  const frame = 'frame' in hello.event ? hello.event.frame : new Uint8Array();
  const ackFrame = 'frame' in ack.event ? ack.event.frame : new Uint8Array();
  const lost = (node: string, from: string, bytes: Uint8Array, reason: 'link' | 'busy') =>
    ladder.read(record(0, 0, node, { layer: 'radio', type: 'lost', from, frame: bytes, reason }));
  ladder.read(tx(1, 1000, 'client', frame));
  lost('server', 'client', frame, 'link');
  ladder.read(tx(2, 5000, 'client', frame));
  ladder.read(tx(3, 5200, 'server', ackFrame));
  lost('client', 'server', ackFrame, 'busy');
  ladder.read(tx(4, 9000, 'client', frame));
  ladder.read(tx(5, 9200, 'server', ackFrame));
  t.is(ladder.text(), `\
    time ms server            client bytes, + if acknowledged
      1.000    |x----------------|     109  DTLS ClientHello msg0 seq0 ep0, lost: link
      5.000    |<----------------|     109  DTLS ClientHello msg0 seq0 ep0, #2, ACK lost: busy
      9.000    |<----------------|     109+ DTLS ClientHello msg0 seq0 ep0, #3
`);
});

test('lanes stand for all nodes, and an arrow crosses those between', (t) => {
  // Three nodes in another order; one of them takes no part in the unicast.
  const ladder = new Ladder([CLIENT, { name: 'sniffer', board: 'native', eui64: '02:00:00:00:00:00:00:0c' }, SERVER]);
  for (const entry of captured('d-psk').slice(3, 5)) ladder.read(entry);
  t.is(ladder.text(), `\
    time ms client           sniffer          server bytes, + if acknowledged
   1289.100    *===============>|===============>|      45  RS
               :                :                :
   3753.918    |-------------------------------->|     109  DTLS ClientHello msg0 seq0 ep0, no ACK
`);
});

test('a frame to an address that no node has says so', (t) => {
  // The ladder has no lane for it.
  const ladder = new Ladder([CLIENT]);
  ladder.read(captured('d-psk')[4]!);
  t.regex(ladder.text(), /ClientHello msg0 seq0 ep0, no ACK, to fe80::a\n/);
});

test('reboots and panics of a board stand between the frames', (t) => {
  // Without them the second handshake of a rebooted node is hard to explain.
  const ladder = ladderOf('d-psk', 4, 5);
  ladder.read(record(9, 3_800_000, 'server', { layer: 'sim', type: 'power', what: 'reboot' }));
  t.regex(ladder.text(), / {3}3800\.000 {4}\| {16} \| +server: reboot\n$/);
});

test('a quirk that acts stands where it does, once between two frames', (t) => {
  // One frame of many fragments may meet a quirk at each; two nodes may meet the same.
  const ladder = ladderOf('d-psk', 4, 5);
  const met = (node: string, id: string) =>
    ladder.read(record(9, 3_800_000, node, { layer: 'quirk', type: 'quirk', id }));
  met('server', 'some-quirk');
  met('server', 'some-quirk');
  met('client', 'some-quirk');
  ladder.read(captured('d-psk')[6]!);
  met('server', 'some-quirk');
  t.deepEqual(ladder.text().split('\n').filter((line) => line.includes('quirk')).map((line) => line.slice(36).trim()),
    ['server: quirk some-quirk', 'client: quirk some-quirk', 'server: quirk some-quirk']);
});

test('without frames there is no ladder, and a width cuts lines', (t) => {
  // A terminal that wraps lines breaks the lanes.
  t.is(new Ladder(NODES).text(), '');
  const lines = ladderOf('d-psk', 0, 60).text({ width: 60 }).trimEnd().split('\n');
  t.true(lines.every((line) => line.length <= 60) && lines.some((line) => line.endsWith('...')));
});

test('an ACK from outside counts for a frame to somebody who is no node, whose link-local address is named', (t) => {
  // A program outside acknowledges what it is sent with the op `frame`: there is no transmission, only a reception. An
  // ACK of another number acknowledges nothing, and is shown.
  const ladder = new Ladder([CLIENT]);
  const [hello, ack] = captured('d-psk').slice(4, 6) as [ReturnType<typeof tx>, ReturnType<typeof tx>];
  const frame = 'frame' in hello.event ? hello.event.frame : new Uint8Array();
  const right = 'frame' in ack.event ? ack.event.frame : new Uint8Array();
  const wrong = Uint8Array.of(right[0]!, right[1]!, right[2]! + 1, 0, 0);
  const outside = (time: number, bytes: Uint8Array) =>
    ladder.read(record(0, time, 'client', { layer: 'radio', type: 'rx', from: '', frame: bytes, rssi: -28, lqi: 255 }));
  ladder.read(tx(1, 1000, 'client', frame));
  outside(1300, wrong);
  ladder.read(tx(2, 5000, 'client', frame));
  outside(5300, right);
  const first = `\
    time ms client bytes, + if acknowledged
      1.000    *     109  DTLS ClientHello msg0 seq0 ep0, no ACK, to fe80::a
      1.300    |          client: from outside: ACK 99
      5.000    *     109+ DTLS ClientHello msg0 seq0 ep0, #2, to fe80::a
`;
  t.is(ladder.text(), first);
  t.is(ladder.text({ acks: true }), `${first}      5.300    |          client: from outside: ACK 98\n`);
});
