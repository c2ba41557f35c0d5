// What some tests need beside the sources: the built package, and tools from outside npm. Without such a tool a test
// says so and passes; with CI=true that is a failure, because .ci/run installs them all.
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';

/** What tells that a tool is there: its name, and arguments with which it ends at once with code 0. */
const PROBES: Readonly<Record<string, readonly string[]>> = {
  tshark: ['--version'],
  'gnutls-cli': ['--version'],
  'gnutls-serv': ['--version'],
  openssl: ['version'],
  script: ['--version'],
  'coap-client-gnutls': ['-h'],
  ip: ['-V'],
};

export type Tool = 'tshark' | 'gnutls-cli' | 'gnutls-serv' | 'openssl' | 'script' | 'coap-client-gnutls' | 'ip';

/** Whether `tool` can be run here. */
export function hasTool(tool: Tool): boolean {
  const probe = spawnSync(tool, [...PROBES[tool]!], { stdio: 'ignore' });
  // libcoap's client has no call that ends with 0 but a request.
  return tool === 'coap-client-gnutls' ? probe.error === undefined : probe.status === 0;
}

/**
 * Whether the test may go on: true when `tool` is there. Otherwise logs `skipped: no <tool>` and passes the test, or
 * fails it with CI=true; the caller returns.
 */
export function needsTool(
  t: ExecutionContext, tool: Tool, has = hasTool(tool), ci = process.env['CI'] === 'true',
): boolean {
  if (has) return true;
  t.log(`skipped: no ${tool}`);
  if (ci) t.fail(`no ${tool}, and CI=true: .ci/run has to install it`);
  else t.pass();
  return false;
}

/** @throws Error when a source is newer than what was built of it: the test would look at something else. */
export function checkBuilt(): undefined {
  const root = fileURLToPath(new URL('..', import.meta.url));
  for (const folder of ['kernel', 'net', 'boards', 'apps', 'emulator']) {
    for (const file of readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts')) continue;
      const source = path.join(folder, file);
      const built = statSync(path.join(root, 'dist', source.replace(/ts$/, 'js')), { throwIfNoEntry: false });
      if (built === undefined || built.mtimeMs < statSync(path.join(root, source)).mtimeMs) {
        throw new Error(`${source} is newer than its build: npm run build`);
      }
    }
  }
}
