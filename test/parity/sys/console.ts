// Consoles of RIOT's tests line by line, for tests that stop a board at a time or type into it; all others use
// expectRiotConsole().
import { riotConsole } from '../core/console.ts';

/** Every image of RIOT's tests has it. */
export const TEST_MODULES = ['test_utils_print_stack_usage'];

/**
 * The lines of a console without what no two runs share.
 * @param ignore more of that
 */
export function lines(console: string, ...ignore: readonly RegExp[]): string[] {
  let masked = console.replace(/"stack_used": (\d+|null)/g, '"stack_used": N');
  for (const figure of ignore) masked = masked.replace(figure, 'FIGURE');
  return masked.split('\n');
}

/** The lines that real RIOT printed in its test `name`, from the boot message on; see lines(). */
export function recorded(name: string, ...ignore: readonly RegExp[]): string[] {
  return lines(riotConsole(name), ...ignore);
}
