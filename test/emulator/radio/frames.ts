// MPDUs without FCS for b (02:00:00:00:00:00:00:0b, short address 000b) in PAN 0023.

const LONG_B = [0x0b, 0, 0, 0, 0, 0, 0, 2];
const LONG_C = [0x0c, 0, 0, 0, 0, 0, 0, 2];
const LONG_A = [0x0a, 0, 0, 0, 0, 0, 0, 2];
const PAN = [0x23, 0x00];

export const ieee802154Frames = {
  toB: new Uint8Array([0x61, 0xdc, 1, ...PAN, ...LONG_B, ...LONG_A, 0x41]),
  toC: new Uint8Array([0x61, 0xdc, 1, ...PAN, ...LONG_C, ...LONG_A, 0x41]),
  toShortB: new Uint8Array([0x61, 0xd8, 1, ...PAN, 0x0b, 0x00, ...LONG_A, 0x41]),
  toOtherPan: new Uint8Array([0x61, 0xdc, 1, 0x24, 0x00, ...LONG_B, ...LONG_A, 0x41]),
  broadcast: new Uint8Array([0x41, 0xd8, 1, ...PAN, 0xff, 0xff, ...LONG_A, 0x41]),
  broadcastPan: new Uint8Array([0x61, 0xdc, 1, 0xff, 0xff, ...LONG_B, ...LONG_A, 0x41]),
  ack: new Uint8Array([0x02, 0x00, 1]),
  command: new Uint8Array([0x03, 0xdc, 1, ...PAN, ...LONG_C, ...LONG_A, 0x41]),
  noDestination: new Uint8Array([0x01, 0xc0, 1, ...PAN, ...LONG_A, 0x41]),
};
