// The RIOT that the emulated boards run.

/** RIOT_VERSION of the commit that behaviour and captures are taken from. */
export const RIOT_VERSION = '2026.10-devel-371-gc8bd52';
