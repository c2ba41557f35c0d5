import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { runScenario } from 'riotbed';
import dtlsEcho from '../../emulator/scenario/examples/dtls_echo.ts';
import { Chunks, PcapngWriter } from '../../emulator/trace/pcapng.ts';
import { hasTool, needsTool } from '../tools.ts';

/** The capture of the example scenario. */
function capture(seed: number): { file: Uint8Array; frames: number } {
  const chunks = new Chunks();
  let writer: PcapngWriter | null = null;
  let frames = 0;
  const { error } = runScenario(dtlsEcho, { seed, readers: (nodes) => {
    writer = new PcapngWriter(nodes, chunks.add);
    return [writer.read, ({ event }) => {
      if (event.type === 'tx') frames++;
    }];
  } });
  if (error !== null) throw error;
  (writer as PcapngWriter | null)?.end();
  return { file: chunks.bytes(), frames };
}

const present = hasTool('tshark');
const { file, frames } = capture(1);

/** What tshark prints of the capture, one array of fields a packet. */
function tshark(t: ExecutionContext, filter: string, ...fields: string[]): string[][] {
  const folder = mkdtempSync(path.join(tmpdir(), 'riotbed-tshark-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const capture = path.join(folder, 'x.pcapng');
  writeFileSync(capture, file);
  const args = ['-r', capture, '-Y', filter, '-T', 'fields', ...fields.flatMap((field) => ['-e', field])];
  const out = execFileSync('tshark', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return out.split('\n').filter((line) => line !== '').map((line) => line.split('\t'));
}

test('tshark reads every frame, none is malformed, every FCS is right', (t) => {
  // An independent dissector: IEEE 802.15.4 with its FCS, 6LoWPAN, IPv6 and UDP checksums, DTLS.
  if (!needsTool(t, 'tshark', present)) return;
  t.is(tshark(t, 'frame', 'frame.number').length, frames);
  t.deepEqual(tshark(t, '_ws.malformed || _ws.expert.severity == error', 'frame.number', '_ws.expert.message'), []);
  t.is(tshark(t, 'wpan.fcs_ok == 1', 'frame.number').length, frames);
  t.is(tshark(t, 'udp', 'frame.number').length, 15);
});

test('tshark shows the decrypted data and Finished messages by the secrets in the file', (t) => {
  // No key is given on the command line. 68656c6c6f is hello: once to the server, once back.
  if (!needsTool(t, 'tshark', present)) return;
  t.deepEqual(tshark(t, 'data', 'ipv6.src', 'data.data'), [['fe80::b', '68656c6c6f'], ['fe80::a', '68656c6c6f']]);
  t.deepEqual(tshark(t, 'dtls.handshake.type == 20', 'ipv6.src'), [['fe80::b'], ['fe80::a']]);
  const alerts = tshark(t, 'dtls.alert_message', 'ipv6.src', 'dtls.alert_message.desc');
  t.deepEqual(alerts, [['fe80::b', '0'], ['fe80::a', '0']]);
});

test('tshark shows interfaces, channel and comments', (t) => {
  // One interface a node; the comment says what the packet is.
  if (!needsTool(t, 'tshark', present)) return;
  const packets = tshark(
    t, 'dtls', 'frame.interface_name', 'frame.interface_description', 'wpan-tap.ch_num', 'frame.comment');
  const [name, description, channel, comment] = packets[0]!;
  t.deepEqual([name, description, channel], ['client', 'native 02:00:00:00:00:00:00:0b', '26']);
  t.regex(comment!, /^client > server {2}DTLS ClientHello msg0 seq0 ep0, attempt 1, event \d+$/);
});

test('equal seeds give equal captures, byte by byte; another seed gives another', (t) => {
  // Times, ids and secrets are in the file: nothing of the host may be.
  t.deepEqual(capture(1).file, file);
  t.notDeepEqual(capture(2).file, file);
});

test('without a tool a test says so and passes, with CI=true it fails', async (t) => {
  // The rule that the tests above and others rely on.
  const log: string[] = [];
  const outcome: string[] = [];
  const fake = {
    log: (text: string) => log.push(text), pass: () => outcome.push('pass'), fail: () => outcome.push('fail'),
  } as unknown as ExecutionContext;
  t.false(needsTool(fake, 'tshark', false, false));
  t.false(needsTool(fake, 'tshark', false, true));
  t.deepEqual(log, ['skipped: no tshark', 'skipped: no tshark']);
  t.deepEqual(outcome, ['pass', 'fail']);
  t.true(needsTool(fake, 'tshark', true, true));
});
