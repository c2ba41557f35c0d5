import test from 'ava';
import type { Profile } from '../../../net/quirks.ts';
import { type Role, attempt, framesOf, report } from './arena.ts';

/** Frames in all, and in one attack. Each attack has boards of its own, so that a failure can be made small. */
const FRAMES = 100_000;
const BURST = 500;

const ROLES: readonly Role[] = [
  { name: 'host', modules: ['gnrc_icmpv6_echo'] },
];
const PROFILES: readonly Profile[] = ['riot', 'rfc'];

const EACH = FRAMES / BURST / ROLES.length / PROFILES.length;

for (const [i, role] of ROLES.entries()) {
  for (const [j, profile] of PROFILES.entries()) {
    test(`${role.name}, profile ${profile}: mutated frames crash nothing, leave nothing, and harm no honest traffic`, (t) => {
      // 500 frames an attack from a seed of its own; arena.ts has what is looked at. A failure prints seed and frames.
      const drops = new Set<string>();
      let [slices, sent, answered] = [0, 0, 0];
      for (let n = 0; n < EACH; n++) {
        const seed = 1 + (i * PROFILES.length + j) * EACH + n;
        const given = { role, profile, seed, frames: framesOf(seed, BURST) };
        const outcome = attempt(given);
        if (outcome.failure !== null) return t.fail(report(given));
        for (const what of outcome.drops.keys()) drops.add(what);
        slices = Math.max(slices, outcome.slices);
        sent += outcome.honest.sent;
        answered += outcome.honest.answered;
      }
      t.log(`most slices between two frames: ${slices}; honest datagrams answered meanwhile: ${answered} of ${sent}`);
      t.log([...drops].toSorted().join(', '));
      t.true(answered > 0.9 * sent);
    });
  }
}
