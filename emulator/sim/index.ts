// The simulation core.
export { type NodeOptions, type NodeState, SimNode } from './node.ts';
export type { JournalEntry, Op } from './op.ts';
export { type Identity, type NodeIdentity, type Recording, RECORDING_VERSION, ReplayMismatch } from './recording.ts';
export { Replay, replay } from './replay.ts';
export { Simulation, type SimulationOptions } from './simulation.ts';
export type { Trace } from './trace.ts';
