// The project as the compiler sees it, for the tests that check all of its sources: syntax trees and types.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Node, NodeFlags, type SourceFile, SyntaxKind } from 'typescript/unstable/ast';
import { API, type Checker } from 'typescript/unstable/sync';

export { NodeFlags, SyntaxKind };
export type { Checker, Node, SourceFile };

/** The repository's root. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url)).replace(/[/\\]$/, '');

export interface Project {
  /** The sources, by their path from the root with '/' between the parts. */
  readonly files: ReadonlyMap<string, SourceFile>;
  readonly checker: Checker;
  close(): undefined;
}

/**
 * Opens the project; close it when done.
 * @param planted sources that are not on the disk, by path from the root. With any, only they are the project: what
 *   they import is read from the disk.
 */
export function openProject(planted: Readonly<Record<string, string>> = {}): Project {
  const names = Object.keys(planted);
  const virtual = new Map(names.map((name) => [path.join(ROOT, name), planted[name]!]));
  let config = path.join(ROOT, 'tsconfig.json');
  if (names.length > 0) {
    config = path.join(ROOT, 'tsconfig.planted.json');
    virtual.set(config, JSON.stringify({ extends: './tsconfig.json', files: names, include: [] }));
  }
  const api = new API({
    cwd: ROOT,
    fs: {
      readFile: (file) => virtual.get(file),
      fileExists: (file) => virtual.has(file) ? true : undefined,
    },
  });
  const project = api.updateSnapshot({ openProjects: [config] }).getProject(config);
  if (project === undefined) throw new Error(`no project ${config}`);
  const files = new Map<string, SourceFile>();
  for (const file of project.program.getSourceFileNames()) {
    const name = path.relative(ROOT, file).replaceAll('\\', '/');
    if (name.startsWith('..') || name.startsWith('node_modules/')) continue;
    const source = project.program.getSourceFile(file);
    if (source !== undefined) files.set(name, source);
  }
  return { files, checker: project.checker, close: () => void api.close() };
}

/** Calls `visit` for a node and all below it. */
export function walk(node: Node, visit: (node: Node) => undefined): undefined {
  visit(node);
  node.forEachChild((child) => walk(child, visit));
}

/** `file:line` of a node, as a message names it. */
export function place(name: string, source: SourceFile, node: Node): string {
  return `${name}:${source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1}`;
}

/** Whether a source belongs to the core: it runs in a browser and is deterministic. */
export function inCore(name: string): boolean {
  return /^(kernel|net|boards|apps|emulator\/(sim|radio|trace|scenario|debug))\//.test(name);
}
