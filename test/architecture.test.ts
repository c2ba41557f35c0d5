import { spawnSync } from 'node:child_process';
import path from 'node:path';
import test from 'ava';
import { checkBuilt } from './tools.ts';
import * as relative from '../kernel/current.ts';
import {
  type Node, NodeFlags, type Project, ROOT, type SourceFile, SyntaxKind, inCore, openProject, place, walk,
} from './typescript.ts';

interface Import {
  where: string;
  from: string;
  /** The imported file by its path from the root; a package or a node: module by its name. */
  to: string;
  typeOnly: boolean;
}

// Who may import whom, by the start of a path. The first line that fits the importing file decides; a file may always
// import from its own folder. `types` may be imported with `import type` only.
const NET_ROOT = ['net/netdev.ts', 'net/netopt.ts', 'net/af.ts', 'net/events.ts', 'net/config.ts', 'net/quirks.ts'];
const APPS_INCLUDE = ['kernel/', 'net/sock/', 'net/shell/', 'net/gnrc/', 'net/wire/', 'net/credman.ts', ...NET_ROOT];
const ENGINE = ['kernel/', 'net/', 'boards/', 'apps/index.ts', 'emulator/sim/', 'emulator/radio/', 'emulator/trace/',
  'emulator/scenario/', 'emulator/debug/'];
const TABLE: readonly { files: string; may: readonly string[]; types?: readonly string[] }[] = [
  { files: 'kernel/', may: [] },
  { files: 'net/wire/', may: [] },
  { files: 'net/crypto/p256_node.ts', may: ['node:crypto', 'net/crypto/'] },
  { files: 'net/crypto/', may: ['#crypto', '@noble/'] },
  { files: 'net/dtls/', may: ['net/crypto/', 'net/wire/'] },
  { files: 'net/gnrc/', may: ['kernel/', 'net/wire/', ...NET_ROOT] },
  { files: 'net/sock/', may: ['kernel/', 'net/gnrc/', 'net/dtls/', 'net/wire/', 'net/credman.ts', ...NET_ROOT],
    types: ['net/crypto/'] },
  { files: 'net/shell/', may: ['kernel/', 'net/gnrc/', 'net/sock/', 'net/wire/', ...NET_ROOT] },
  { files: 'net/credman.ts', may: ['asn1js', 'kernel/', 'net/gnrc/', 'net/dtls/', 'net/wire/', ...NET_ROOT] },
  { files: 'net/', may: ['kernel/'] },
  { files: 'boards/', may: [], types: ['kernel/', 'net/'] },
  { files: 'apps/index.ts', may: ['apps/'], types: ['kernel/'] },
  { files: 'apps/', may: APPS_INCLUDE },
  { files: 'emulator/sim/', may: ENGINE },
  { files: 'emulator/radio/', may: ENGINE },
  { files: 'emulator/trace/', may: ENGINE },
  { files: 'emulator/scenario/examples/', may: ['emulator/scenario/index.ts', 'apps/'] },
  { files: 'emulator/scenario/', may: ENGINE },
  { files: 'emulator/debug/', may: ENGINE },
  { files: 'emulator/ui/', may: [], types: ['emulator/trace/', 'emulator/debug/'] },
  { files: 'emulator/', may: [''] },
  { files: 'test/', may: [''] },
];

/** Globals that the core has no business with, and what stands in their place. */
const BANNED: Readonly<Record<string, string>> = {
  Date: 'virtual time', performance: 'virtual time', setTimeout: 'ztimer', setInterval: 'ztimer',
  setImmediate: 'the event queue', queueMicrotask: 'the event queue', Promise: 'generators', process: 'nothing',
  console: 'stdio or the trace', Buffer: 'Uint8Array', Intl: 'nothing: results differ between hosts',
  crypto: "the board's streams", globalThis: 'nothing', require: 'import', fetch: 'nothing', WeakRef: 'nothing', FinalizationRegistry: 'nothing',
};
/** Members of Math whose results are the same on every engine. */
const EXACT_MATH = new Set(
  ['floor', 'ceil', 'trunc', 'round', 'abs', 'min', 'max', 'imul', 'clz32', 'sign', 'sqrt', 'fround']);
const BANNED_MEMBERS = new Set(['localeCompare', 'toLocaleString', 'toLocaleLowerCase', 'toLocaleUpperCase']);

/** The imports of a source, type imports too. */
function importsOf(name: string, source: SourceFile): Import[] {
  const found: Import[] = [];
  walk(source, (node): undefined => {
    const parts = node as unknown as {
      moduleSpecifier?: Node & { text: string }; importClause?: { phaseModifier?: number }; isTypeOnly?: boolean;
      expression?: Node; arguments?: readonly (Node & { text?: string })[]; argument?: { literal?: { text: string } };
    };
    let specifier: string | undefined;
    let typeOnly = false;
    if (node.kind === SyntaxKind.ImportDeclaration || node.kind === SyntaxKind.ExportDeclaration) {
      specifier = parts.moduleSpecifier?.text;
      typeOnly = parts.isTypeOnly === true || parts.importClause?.phaseModifier === SyntaxKind.TypeKeyword;
    } else if (node.kind === SyntaxKind.ImportType) {
      specifier = parts.argument?.literal?.text;
      typeOnly = true;
    } else if (node.kind === SyntaxKind.CallExpression && parts.expression?.kind === SyntaxKind.ImportKeyword) {
      specifier = parts.arguments?.[0]?.text;
    }
    if (specifier === undefined) return;
    found.push({ where: place(name, source, node), from: name, to: target(name, specifier), typeOnly });
  });
  return found;
}

function target(from: string, specifier: string): string {
  if (specifier === 'riotbed') return 'emulator/scenario/index.ts';
  if (specifier.startsWith('riotbed/')) return specifier.slice(8).replace(/\.js$/, '.ts');
  if (specifier.startsWith('.')) return path.posix.join(path.posix.dirname(from), specifier);
  return specifier;
}

/** Imports that the table forbids. */
function forbidden(project: Project): string[] {
  const found: string[] = [];
  for (const [name, source] of project.files) {
    const row = TABLE.find((line) => name.startsWith(line.files));
    for (const { where, to, typeOnly } of importsOf(name, source)) {
      const own = row !== undefined && row.files.endsWith('/') && to.startsWith(row.files);
      const allowed = typeOnly ? [...(row?.may ?? []), ...(row?.types ?? [])] : row?.may ?? [];
      if (!own && !allowed.some((start) => to.startsWith(start))) found.push(`${where} imports ${to}`);
    }
  }
  return found;
}

/** Cycles of value imports, each as the files on it. */
function cycles(project: Project): string[] {
  const graph = new Map<string, string[]>();
  for (const [name, source] of project.files) {
    graph.set(name, importsOf(name, source).filter((i) => !i.typeOnly).map((i) => i.to));
  }
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (name: string, above: readonly string[]): undefined => {
    const at = above.indexOf(name);
    if (at >= 0) found.push([...above.slice(at), name].join(' -> '));
    if (at >= 0 || done.has(name)) return;
    for (const to of graph.get(name) ?? []) visit(to, [...above, name]);
    done.add(name);
  };
  for (const name of graph.keys()) visit(name, []);
  return found;
}

/** What the core must not contain: host time, host randomness, promises, mutable module state, type escapes. */
function impurities(project: Project): string[] {
  const found: string[] = [];
  for (const [name, source] of project.files) {
    const core = inCore(name);
    const report = (node: Node, what: string): undefined => void found.push(`${place(name, source, node)} ${what}`);
    const directive = /@ts-(ignore|expect-error|nocheck)/.exec(source.text);
    if (directive !== null) found.push(`${name} ${directive[0]}`);
    walk(source, (node): undefined => {
      if (node.kind === SyntaxKind.AsExpression && /\bas any$/.test(node.getText())) report(node, 'as any');
      if (!core) return;
      bannedName(project, node, report);
      bannedSyntax(name, node, report);
    });
    if (core) for (const statement of source.statements) mutableState(name, statement, report);
  }
  return found;
}

type Report = (node: Node, what: string) => undefined;

function bannedName(project: Project, node: Node, report: Report): undefined {
  const parts = node as unknown as
    { text: string; expression: Node & { text?: string }; name: Node & { text: string } };
  if (node.kind === SyntaxKind.PropertyAccessExpression) {
    const member = parts.name.text;
    if (parts.expression.text === 'Math' && !EXACT_MATH.has(member)) report(node, `Math.${member}`);
    if (BANNED_MEMBERS.has(member)) report(node, member);
  }
  if (node.kind !== SyntaxKind.Identifier || !Object.hasOwn(BANNED, parts.text)) return;
  // The global itself, not a member or a variable of that name.
  const declared = project.checker.getSymbolAtLocation(node)?.declarations[0]?.path ?? 'node_modules';
  if (/node_modules|lib\.[\w.]*d\.ts$/.test(declared)) report(node, `${parts.text} (here it is ${BANNED[parts.text]})`);
}

function bannedSyntax(name: string, node: Node, report: Report): undefined {
  if (node.kind === SyntaxKind.AwaitExpression || node.kind === SyntaxKind.AsyncKeyword) report(node, 'async');
  if (node.kind === SyntaxKind.YieldExpression && (node as { asteriskToken?: Node }).asteriskToken === undefined &&
      name !== 'kernel/blocking.ts' && !name.startsWith('net/dtls/')) {
    report(node, 'a bare yield');
  }
}

function mutableState(name: string, statement: Node, report: Report): undefined {
  if (statement.kind !== SyntaxKind.VariableStatement || name === 'kernel/current.ts') return;
  const list = (statement as unknown as {
    declarationList: Node & { flags: number; declarations: readonly { initializer?: Node }[] };
  }).declarationList;
  if ((list.flags & NodeFlags.Const) === 0) report(statement, 'module-level let');
  for (const { initializer } of list.declarations) {
    // An empty collection at module level is there to be filled later.
    const text = initializer?.getText() ?? '';
    const empty = /^(\[\]|\{\}|new (Map|Set|WeakMap|WeakSet|Array)(<.*>)?\(\))/.test(text);
    if (empty) report(statement, 'module-level state');
  }
}

const project = openProject();
test.after.always(() => project.close());

test('imports follow the table of who may import whom', (t) => {
  // Read from the syntax trees of all sources of tsconfig.json, so no file can be left out.
  t.true(project.files.size > 40, 'the project was not read');
  t.deepEqual(forbidden(project), []);
});

test('value imports have no cycles', (t) => {
  // A cycle of values makes the order of module initialisation matter; `import type` leaves nothing behind at run time.
  t.deepEqual(cycles(project), []);
});

test('UI-12 the core has no host time, host randomness, promises, module state or type escapes', (t) => {
  // Names are resolved by the compiler: a field called `process` is none, the global of that name is one.
  t.deepEqual(impurities(project), []);
});

test('each kind of violation is found where it is planted', (t) => {
  // The same checks over sources that break the rules: they can fail.
  const broken = openProject({
    'kernel/planted_a.ts': `
import { b } from './planted_b.ts';
import type { Ipv6Repr } from '../net/wire/ipv6.ts';
export const a = (x: Ipv6Repr): unknown => [b, x, Date.now(), Math.pow(2, 3), Math.random(), Math.floor(1.5)];
let counter = 0;
const cache = new Map<string, number>();
export function* step(process: number) { cache.clear(); yield counter++ + process; }
export const wide = (x: unknown) => [x as any, 'b'.localeCompare('a')];
export async function later(): Promise<void> { await setTimeout(() => undefined, 1); }
export const host = (): unknown => [crypto.randomUUID(), performance.now(), new Intl.NumberFormat()];`,
    'kernel/planted_b.ts': `
import { a } from './planted_a.ts';
import fs from 'node:fs';
export const b: unknown = [a, fs];`,
  });
  const planted = (found: string[]) => found.filter((line) => line.startsWith('kernel/planted'));
  t.deepEqual(planted(forbidden(broken)).toSorted(), [
    'kernel/planted_a.ts:3 imports net/wire/ipv6.ts',
    'kernel/planted_b.ts:3 imports node:fs',
  ]);
  t.is(planted(cycles(broken)).length, 1);
  t.deepEqual(planted(impurities(broken)).toSorted(), [
    'kernel/planted_a.ts:10 Intl (here it is nothing: results differ between hosts)',
    "kernel/planted_a.ts:10 crypto (here it is the board's streams)",
    'kernel/planted_a.ts:10 performance (here it is virtual time)',
    'kernel/planted_a.ts:4 Date (here it is virtual time)',
    'kernel/planted_a.ts:4 Math.pow',
    'kernel/planted_a.ts:4 Math.random',
    'kernel/planted_a.ts:5 module-level let',
    'kernel/planted_a.ts:6 module-level state',
    'kernel/planted_a.ts:7 a bare yield',
    'kernel/planted_a.ts:8 as any',
    'kernel/planted_a.ts:8 localeCompare',
    'kernel/planted_a.ts:9 Promise (here it is generators)',
    'kernel/planted_a.ts:9 async',
    'kernel/planted_a.ts:9 async',
    'kernel/planted_a.ts:9 setTimeout (here it is ztimer)',
  ]);
  broken.close();
});

test('a package name and a relative path give one instance of kernel/current.ts, for sources', async (t) => {
  // perBoard() hands out slots from a module variable: two instances would give two boards one slot.
  const named = await import('riotbed/kernel/current.js');
  t.is(named.perBoard, relative.perBoard);
});

test('a package name and a relative path give one instance of kernel/current.ts, for the built package', (t) => {
  // Run by plain Node, without the condition that the tests have: as an installed package is.
  checkBuilt();
  const code = `const a = await import('riotbed/kernel/current.js');
    const b = await import('./dist/kernel/current.js');
    console.log(a.perBoard === b.perBoard);`;
  const env = { ...process.env, NODE_OPTIONS: '' };
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', code], { cwd: ROOT, env, encoding: 'utf8' });
  t.is(run.stdout, 'true\n', run.stderr);
});
