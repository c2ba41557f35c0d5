// Loads a scenario file from anywhere on the disk. It is bundled with what it imports, but for riotbed itself: that
// must be the running instance. TypeScript is stripped on the way, not checked.
import { createHash, type Hash } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, stop, type BuildFailure, type OnResolveResult, type Plugin } from 'esbuild';
import type { App } from '../../kernel/app.ts';
import { isScenario, type Scenario } from '../scenario/definition.ts';
import { isAppPath } from '../scenario/run.ts';
import { UsageError } from './usage.ts';

export interface LoadedScenario {
  readonly scenario: Scenario;
  /** What the nodes' app paths stand for. */
  readonly apps: ReadonlyMap<string, App>;
  /** The scenario's own folder: messages of boards name the files of apps from there. */
  readonly appFolder: string;
  /** SHA-256 of the bundles, the same wherever the files lie. */
  readonly identity: string;
}

/** Where this instance of riotbed runs from: the sources or what was built from them. */
const BASE = new URL('../../', import.meta.url);
const BUILT = import.meta.url.endsWith('.js');
/** The package's folder. */
const PACKAGE = fileURLToPath(BUILT ? new URL('../', BASE) : BASE);
/** Stands for BASE in a bundle until it has been hashed. */
const SELF = 'riotbed-self:///';

/**
 * Loads a scenario and the apps that it names by path.
 * @throws UsageError when a file is not there, does not compile, throws, or does not export what it should; names it
 */
export async function loadScenario(file: string): Promise<LoadedScenario> {
  const hash = createHash('sha256');
  try {
    const module = await load(file, 'scenario', hash);
    const scenario = module['default'];
    if (!isScenario(scenario)) {
      const right = 'export default scenario({ nodes }, (sim) => { … })';
      throw new UsageError(`scenario ${file} does not export a scenario: ${right}`);
    }
    const apps = new Map<string, App>();
    for (const [node, { app }] of Object.entries(scenario.options.nodes)) {
      if (typeof app !== 'string' || !isAppPath(app) || apps.has(app)) continue;
      apps.set(app, await loadApp(path.resolve(path.dirname(file), app), `app ${app} of node ${node}:`, hash));
    }
    return { scenario, apps, appFolder: path.dirname(path.resolve(file)), identity: hash.digest('hex') };
  } finally {
    await stop();
  }
}

/**
 * Loads apps by their paths.
 * @returns the apps by path, and the SHA-256 of their bundles as for a scenario; null without any
 * @throws UsageError as `loadScenario()`
 */
export async function loadApps(
  files: Iterable<string>,
): Promise<{ apps: ReadonlyMap<string, App>; identity: string | null }> {
  const hash = createHash('sha256');
  const apps = new Map<string, App>();
  try {
    for (const file of files) apps.set(file, await loadApp(file, 'app', hash));
    return { apps, identity: apps.size === 0 ? null : hash.digest('hex') };
  } finally {
    await stop();
  }
}

/** @param what how errors name it: `app`, before the file's name, or all of it with a colon */
async function loadApp(file: string, what: string, hash: Hash): Promise<App> {
  const module = await load(file, what, hash);
  const app = (module['app'] ?? module['default']) as App | undefined;
  if (typeof app?.main !== 'function' || typeof app.name !== 'string' || !Array.isArray(app.modules)) {
    const which = what.endsWith(':') ? what.slice(0, -1) : `${what} ${file}`;
    throw new UsageError(`${which} does not export \`app\` with name, main and modules`);
  }
  return app;
}

/** Bundles a module and imports it. @param what how errors name it */
async function load(file: string, what: string, hash: Hash): Promise<Record<string, unknown>> {
  const entry = path.resolve(file);
  if (!existsSync(entry) || !statSync(entry).isFile()) throw new UsageError(`${what} ${file}: no such file`);
  const { code, map } = await bundle(entry, what);
  hash.update(code);
  const folder = mkdtempSync(path.join(tmpdir(), 'riotbed-'));
  try {
    const target = path.join(folder, `${path.basename(entry, path.extname(entry))}.mjs`);
    const linked = code.replaceAll(new RegExp(`(["'])${SELF}(.*?)\\1`, 'g'), (_, quote: string, to: string) =>
      `${quote}${new URL(to, BASE).href}${quote}`);
    writeFileSync(target, `${linked}\n//# sourceMappingURL=data:application/json;base64,${map}\n`);
    // Stack traces name the lines of the user's own files.
    process.setSourceMapsEnabled(true);
    return await import(pathToFileURL(target).href) as Record<string, unknown>;
  } catch (error) {
    const at = error instanceof Error ? placeIn(error, entry) : null;
    const text = error instanceof Error ? error.message.split('\n', 1)[0] : String(error);
    throw new UsageError(`${what} ${at ?? file}: ${text}`, { cause: error });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function bundle(entry: string, what: string): Promise<{ code: string; map: string }> {
  const folder = path.dirname(entry);
  try {
    const { outputFiles } = await build({
      entryPoints: [entry],
      // Paths in the bundle are relative to the file, so that its hash does not depend on where it lies.
      absWorkingDir: folder,
      outfile: path.join(folder, 'bundle.mjs'),
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      sourcemap: 'external',
      logLevel: 'silent',
      plugins: [runningInstance],
    });
    const text = (end: string) => outputFiles.find((output) => output.path.endsWith(end))!.text;
    const map = JSON.parse(text('.map')) as { sources: string[] };
    map.sources = map.sources.map((source) => pathToFileURL(path.resolve(folder, source)).href);
    return { code: text('.mjs'), map: Buffer.from(JSON.stringify(map)).toString('base64') };
  } catch (error) {
    const first = (error as BuildFailure).errors?.[0];
    if (first === undefined) throw error;
    const at = first.location;
    const where = at === null ? entry : `${path.resolve(folder, at.file)}:${at.line}:${at.column + 1}`;
    throw new UsageError(`${what} ${where}: ${first.text}`);
  }
}

/** Leaves imports of riotbed out of the bundle, by whichever name: they go to the running instance. */
const runningInstance: Plugin = {
  name: 'riotbed',
  setup(api) {
    api.onResolve({ filter: /^riotbed(\/|$)/ }, ({ path: name }) => named(name));
    // A file of the package that a scenario within the package imports by a relative path.
    api.onResolve({ filter: /^\.\.?\// }, ({ path: name, resolveDir }) => {
      const file = path.relative(PACKAGE, path.resolve(resolveDir, name)).replaceAll('\\', '/').replace(/^dist\//, '');
      const ours = /^(kernel|net|boards|apps|emulator)\//.test(file) && !file.startsWith('emulator/scenario/examples/');
      return ours ? { path: SELF + file.replace(/\.[jt]s$/, BUILT ? '.js' : '.ts'), external: true } : undefined;
    });
  },
};

function named(name: string): OnResolveResult {
  try {
    const url = import.meta.resolve(name);
    if (existsSync(fileURLToPath(url))) return { path: SELF + url.slice(BASE.href.length), external: true };
  } catch {
    // Not exported: the same answer.
  }
  return { errors: [{ text: `there is no module ${name}` }] };
}

/** `file:line` of the first place of a stack trace that lies in `file`, as the user sees it; null if none does. */
export function placeIn(error: Error, file: string): string | null {
  const url = pathToFileURL(path.resolve(file)).href;
  for (const line of error.stack?.split('\n') ?? []) {
    const at = [url, path.resolve(file)].map((name) => line.indexOf(`${name}:`)).find((index) => index >= 0);
    const found = at === undefined ? null : /:(\d+):\d+/.exec(line.slice(at + 5));
    if (found !== null) return `${path.relative(process.cwd(), path.resolve(file)) || file}:${found[1]}`;
  }
  return null;
}
