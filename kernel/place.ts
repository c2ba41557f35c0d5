// Where in an app's sources an error came from, as RIOT's __FILE__ and __LINE__ name a place: the same on every host.
// The stack trace is V8's. On an engine with another form of it, errors have no place.
import { current } from './current.ts';

/** The folder of the package, or of what was built of it. */
const PACKAGE = pathOf(import.meta.url).replace(/kernel\/[^/]*$/, '');
/** What runs an app and is none. The examples are the user's side too. */
const EMULATOR = /^(kernel|net|boards|emulator)\/(?!scenario\/examples\/)/;

/**
 * `file:line` of the innermost call of the app, else of the emulator, that `error` came from; null if its stack trace
 * does not tell. Files are named relative to the package's folder if they are apps of the package, else to
 * `kernel.appFolder`, or by their last name if there is none.
 */
export function placeOf(error: Error): string | null {
  const { stack } = error;
  if (typeof stack !== 'string') return null;
  const calls = [...stack.matchAll(/^ +at (?:.* \()?(\S.*):(\d+):\d+\)?$/gm)]
    .map(([, file, line]) => ({ file: pathOf(file), line }))
    .filter(({ file }) => !file.startsWith('node:'));
  const call = calls.find(({ file }) => isApp(file)) ?? calls[0];
  return call === undefined ? null : `${nameOf(call.file)}:${call.line}`;
}

function isApp(file: string): boolean {
  return file.startsWith(PACKAGE) ? !EMULATOR.test(file.slice(PACKAGE.length)) : !file.includes('/node_modules/');
}

function nameOf(file: string): string {
  const { appFolder } = current();
  const own = file.startsWith(PACKAGE) ? file.slice(PACKAGE.length) : null;
  if (own !== null && (appFolder === null || EMULATOR.test(own) || own.startsWith('apps/'))) return own;
  return appFolder === null ? file.slice(file.lastIndexOf('/') + 1) : relative(pathOf(appFolder), file);
}

/** `file` as seen from `folder`; both absolute. */
function relative(folder: string, file: string): string {
  const from = folder.replace(/\/$/, '').split('/');
  const to = file.split('/');
  let common = 0;
  while (common < from.length && common < to.length - 1 && from[common] === to[common]) common++;
  return [...from.slice(common).fill('..'), ...to.slice(common)].join('/');
}

/** The path of a `file:` URL or of a path, with slashes. */
function pathOf(place: string): string {
  const path = place.startsWith('file://') ? decodeURIComponent(place.slice('file://'.length)) : place;
  return path.replaceAll('\\', '/').replace(/^\/(?=[A-Za-z]:)/, '');
}
