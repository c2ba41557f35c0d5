import test from 'ava';
import { type Node, type Project, SyntaxKind, inCore, openProject, place, walk } from './typescript.ts';

/** Places where a value that is a generator is thrown away, or taken for a truth value or for text. */
function forgotten(project: Project): string[] {
  const suspects: { where: string; node: Node }[] = [];
  for (const [name, source] of project.files) {
    walk(source, (node): undefined => {
      const used = unusedValue(node);
      if (used !== undefined) suspects.push({ where: place(name, source, used), node: used });
    });
  }
  const types = project.checker.getTypeAtLocation(suspects.map((suspect) => suspect.node));
  return suspects.filter((_, i) => {
    const type = types[i];
    const parts = type?.isUnionType() ? type.getTypes() : [type];
    return parts.some((part) => part?.getSymbol()?.name === 'Generator');
  }).map(({ where, node }) => `${where} ${node.getText()}`);
}

/** The expression below `node` whose value a Blocking call must not be. */
function unusedValue(node: Node): Node | undefined {
  const parts = node as { expression?: Node; condition?: Node; operand?: Node; left?: Node };
  switch (node.kind) {
    case SyntaxKind.ExpressionStatement:
      return isAssignment(parts.expression!) ? undefined : parts.expression;
    case SyntaxKind.IfStatement:
    case SyntaxKind.WhileStatement:
    case SyntaxKind.DoStatement:
    case SyntaxKind.VoidExpression:
    case SyntaxKind.TemplateSpan:
      return parts.expression;
    case SyntaxKind.ForStatement:
    case SyntaxKind.ConditionalExpression:
      return parts.condition;
    case SyntaxKind.PrefixUnaryExpression:
      return parts.operand;
    case SyntaxKind.BinaryExpression:
      return isLogical(node) ? parts.left : undefined;
    default:
      return undefined;
  }
}

function operatorOf(node: Node): SyntaxKind | undefined {
  return node.kind === SyntaxKind.BinaryExpression
    ? (node as unknown as { operatorToken: Node }).operatorToken.kind : undefined;
}

/** A generator may be kept in a variable. */
function isAssignment(node: Node): boolean {
  return operatorOf(node) === SyntaxKind.EqualsToken;
}

function isLogical(node: Node): boolean {
  const operator = operatorOf(node);
  return operator === SyntaxKind.AmpersandAmpersandToken || operator === SyntaxKind.BarBarToken;
}

/** Function types that return void, in the core: such a callback swallows a generator. */
function voidCallbacks(project: Project): string[] {
  const found: string[] = [];
  for (const [name, source] of project.files) {
    if (!inCore(name)) continue;
    walk(source, (node): undefined => {
      if (node.kind !== SyntaxKind.FunctionType) return;
      if ((node as { type?: Node }).type?.kind === SyntaxKind.VoidKeyword) {
        found.push(`${place(name, source, node)} ${node.getText()}`);
      }
    });
  }
  return found;
}

const project = openProject();
test.after.always(() => project.close());

test('no Blocking call stands without yield*', (t) => {
  // The compiler's own types say which expressions are generators, so no list of names can go stale.
  t.true(project.files.size > 50, 'the project was not read');
  t.deepEqual(forgotten(project), []);
});

test('no callback type of the core returns void', (t) => {
  // A generator function is assignable to `() => void` and would never run; to `() => undefined` it is not.
  t.deepEqual(voidCallbacks(project), []);
});

test('a planted call without yield* and a planted void callback are found, and nothing else', (t) => {
  // The same two checks over a source with known violations: they can fail, and they find what they claim.
  const broken = openProject({ 'kernel/planted.ts': `
import { type Blocking, thread_yield_higher as pass } from './blocking.ts';
export type Bad = (n: number) => void;
export type Good = () => undefined | Blocking<void>;
function* size(): Blocking<number> { yield* pass(); return 1; }
export function* planted(stop: boolean): Blocking<void> {
  yield* pass();
  pass();
  stop && pass();
  if (size()) yield* pass();
  if (!size() || (yield* size()) > 0) return;
  void pass();
  let steps = pass();
  steps = pass();
  yield* steps;
  return \`\${size()}\`.length > 0 ? undefined : undefined;
}` });
  const lines = (found: string[]) =>
    found.filter((line) => line.startsWith('kernel/planted.ts')).map((line) => line.split(' ', 2).join(' '));
  t.deepEqual(lines(forgotten(broken)), [
    'kernel/planted.ts:8 pass()',
    'kernel/planted.ts:9 stop',
    'kernel/planted.ts:10 size()',
    'kernel/planted.ts:11 size()',
    'kernel/planted.ts:12 pass()',
    'kernel/planted.ts:16 size()',
  ]);
  t.deepEqual(lines(voidCallbacks(broken)), ['kernel/planted.ts:3 (n:']);
  broken.close();
});
