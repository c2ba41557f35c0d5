// What an app prints on a native board.
import { type App, runScenario, scenario, seconds } from 'riotbed';

/**
 * The console of a board behind its boot message, at `until` µs of virtual time.
 * @param typed lines for its shell, each typed when the one before is done
 */
export function printed(app: string | App, typed: readonly string[] = [], until = seconds(3)): string {
  const { simulation, error } = runScenario(scenario({ nodes: { a: { board: 'native', app, bootAt: 0 } } }, (sim) => {
    for (const line of typed) {
      sim.nodes.a.type(line);
      sim.nodes.a.expect(/\r\n[^]*> $/);
    }
    sim.runUntil(until);
  }));
  if (error !== null) throw error;
  return simulation.node('a').console.replace(/^[^]*?main\(\): This is RIOT! \(Version: [^)]*\)\n/, '');
}
