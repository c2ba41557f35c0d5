import test from 'ava';
import { Air, type Station } from '../../../emulator/bridge/air.ts';
import { BoardStations } from '../../../emulator/bridge/boards.ts';
import type { ToLive } from '../../../emulator/bridge/protocol.ts';
import { parseTopology } from '../../../emulator/bridge/topology.ts';
import { fromHex } from '../../../net/wire/bytes.ts';

const BOARDS = ['a', 'b', 'c'].map((name, i) =>
  ({ name, board: 'native', eui64: `02:00:00:00:00:00:00:0${i + 1}`, linkLocal: `fe80::${i + 1}` }));
const BROADCAST = fromHex('41d8012300ffff09000000000000027b3babcd');
const real = (heard: string[]): Station =>
  ({ name: 'real', emulated: false, hear: (frame) => void heard.push(String(frame.length)) as undefined });

test('boards take their places in the topology, and the simulation gets its links', (t) => {
  // Line a - b - c: a and c do not hear each other, b hears c half of the time. The simulation carries frames among the
  // boards, so the file's weights become its links.
  const topology = parseTopology('x y\ny z 1 0.5\n', 'line.topo');
  const messages: ToLive[] = [];
  const air = new Air({ topology, flood: false, random: () => 0 });
  new BoardStations(air, topology, BOARDS, (message) => void messages.push(message) as undefined);
  const links = messages.map((message) => message.type === 'op' && message.op.type === 'link' ?
    `${message.op.from}>${message.op.to} ${message.op.up ? `loss ${message.op.loss}` : 'down'}` : 'other');
  t.deepEqual(links, ['a>b loss 0', 'a>c down', 'b>a loss 0', 'b>c loss 0', 'c>a down', 'c>b loss 0.5']);
});

test('a board without a place in the topology is refused by name', (t) => {
  // Nobody would ever hear it: surely a mistake.
  const topology = parseTopology('x y\n', 'two.topo');
  const air = new Air({ topology, flood: false, random: () => 0 });
  t.throws(() => new BoardStations(air, topology, BOARDS, () => undefined),
    { instanceOf: RangeError, message: 'the topology has no place for board c (02:00:00:00:00:00:00:03)' });
});

test('what a real process sends comes to every board as a host action, and what a board sends to the process', (t) => {
  // Channel and LQI come along; a channel that is none of 2.4 GHz does not exist for a board.
  const messages: ToLive[] = [];
  const heard: string[] = [];
  const air = new Air({ topology: null, flood: false, random: () => 0 });
  const boards = new BoardStations(air, null, BOARDS, (message) => void messages.push(message) as undefined);
  const process = real(heard);
  air.join(process);
  air.send(process, BROADCAST, 26, 200);
  t.deepEqual(messages.map((message) => message.type === 'op' && message.op.type === 'frame' ?
    `${message.op.node} ${message.op.channel} ${message.op.lqi}` : 'other'), ['a 26 200', 'b 26 200', 'c 26 200']);
  air.send(process, BROADCAST, 99, 200);
  t.is(messages.length, 3);
  boards.sent('b', BROADCAST, 26, 255);
  boards.sent('nobody', BROADCAST, 26, 255);
  t.deepEqual(heard, ['19']);
});
