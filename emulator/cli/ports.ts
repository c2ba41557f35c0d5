// The options that say which UDP ports of the host stand for ports of boards.
import { type PortRule, parsePortRule } from '../bridge/host_ports.ts';
import { usage } from './usage.ts';

/**
 * What `--udp` options ask for.
 * @throws UsageError for one that is wrong
 */
export function portRules(texts: readonly string[] | undefined, remote: boolean): PortRule[] {
  return (texts ?? []).map((text) => usage(() => parsePortRule('--udp', text, remote)));
}
