// What scenario files and tests import as 'riotbed'.
export type { App } from '../../kernel/app.ts';
export type { Blocking } from '../../kernel/blocking.ts';
export { type NodeSpec, type Nodes, type Params, type Scenario, type ScenarioOptions, scenario } from './definition.ts';
export { ScenarioError } from './error.ts';
export { type RunOptions, type ScenarioRun, runScenario, simulationOptions } from './run.ts';
export type { NodeHandle, Random, Sim, Within } from './sim.ts';
export { microseconds, milliseconds, seconds } from './time.ts';
export { type Recording, ReplayMismatch, replay } from '../sim/index.ts';
