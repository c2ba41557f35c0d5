// A TAP device of a Linux host: what goes out of it comes in here, and the other way
// (Documentation/networking/tuntap.rst of Linux). Node has no ioctl(), so that koffi calls it; the package is optional,
// and loaded for this only.
import { closeSync, constants, existsSync, openSync, readSync, writeSync } from 'node:fs';

const CLONE = '/dev/net/tun';
const TUNSETIFF = 0x400454ca;
const IFF_TAP = 0x0002;
/** No header of four bytes before each frame. */
const IFF_NO_PI = 0x1000;
/** struct ifreq: the name, then the flags. */
const IFREQ_LEN = 40;
const NAME_LEN = 16;
const POLLIN = 1;
/** How long it takes at most until a closed device is let go, ms. */
const POLL_MS = 100;
const FRAME_MAX = 1514;
const EAGAIN = 'EAGAIN';

/** Why a device cannot be had; the message says it as a user can read it. */
export class TapError extends Error {
  override name = 'UsageError';
}

/** The calls of the C library that are needed. */
interface Libc {
  ioctl(fd: number, request: number, argument: Uint8Array): number;
  poll: { async(fds: Uint8Array, count: number, ms: number, done: (error: unknown, result: number) => void): void };
  errno(): number;
}

export class TapDevice {
  private readonly fd: number;
  private readonly libc: Libc;
  private readonly receive: (frame: Uint8Array) => undefined;
  private closed = false;

  private constructor(fd: number, libc: Libc, receive: (frame: Uint8Array) => undefined) {
    this.fd = fd;
    this.libc = libc;
    this.receive = receive;
  }

  /**
   * Makes a device, or takes one that is there.
   * @param name 1 to 15 letters, digits, - _ .
   * @param receive gets the frames that the host sends there: Ethernet header and payload, no FCS
   * @throws TapError when that cannot be; says why, and what to do
   */
  static async open(name: string, receive: (frame: Uint8Array) => undefined): Promise<TapDevice> {
    const refused = (why: string): TapError => new TapError(`--tap ${name}: ${why}`);
    if (!/^[\w.-]{1,15}$/.test(name)) throw refused('that is no name of a device: 1 to 15 letters, digits or . - _');
    if (!existsSync(CLONE)) throw refused(`there is no ${CLONE}: it takes Linux with its module tun`);
    const libc = await loadLibc();
    if (libc === null) throw refused('the package koffi is not installed; it is optional: npm install koffi');
    let fd;
    try {
      fd = openSync(CLONE, constants.O_RDWR | constants.O_NONBLOCK);
    } catch (error) {
      throw refused(`cannot open ${CLONE}: ${(error as Error).message}`);
    }
    const request = new Uint8Array(IFREQ_LEN);
    request.set(new TextEncoder().encode(name));
    request[NAME_LEN] = IFF_TAP;
    request[NAME_LEN + 1] = IFF_NO_PI >> 8;
    if (libc.ioctl(fd, TUNSETIFF, request) < 0) {
      const errno = libc.errno();
      closeSync(fd);
      throw refused(explain(errno, name));
    }
    const device = new TapDevice(fd, libc, receive);
    device.wait();
    return device;
  }

  /** Hands a frame to the host; one that it does not take (the device is down) is lost, as on a cable. */
  send(frame: Uint8Array): undefined {
    try {
      writeSync(this.fd, frame);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EIO' && code !== EAGAIN && code !== 'EINVAL') throw error;
    }
  }

  close(): undefined {
    this.closed = true;
  }

  private wait(): undefined {
    const pollfd = new Uint8Array(8);
    new DataView(pollfd.buffer).setInt32(0, this.fd, true);
    pollfd[4] = POLLIN;
    this.libc.poll.async(pollfd, 1, POLL_MS, () => {
      if (this.closed) return closeSync(this.fd);
      this.drain();
      this.wait();
    });
  }

  private drain(): undefined {
    while (true) {
      const frame = new Uint8Array(FRAME_MAX);
      let length;
      try {
        length = readSync(this.fd, frame);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === EAGAIN) return;
        throw error;
      }
      this.receive(frame.subarray(0, length));
    }
  }
}

function explain(errno: number, name: string): string {
  const EPERM = 1;
  const EBUSY = 16;
  if (errno === EPERM) {
    return `it takes root or CAP_NET_ADMIN, or a device that is yours: sudo ip tuntap add ${name} mode tap user $USER`;
  }
  return errno === EBUSY ? 'another program has it' : `the host refuses it (errno ${errno})`;
}

/** null when koffi is not there. */
async function loadLibc(): Promise<Libc | null> {
  try {
    const { default: koffi } = await import('koffi');
    const lib = koffi.load(null);
    return {
      ioctl: lib.func('int ioctl(int fd, unsigned long request, _Inout_ uint8_t *argument)') as
        unknown as Libc['ioctl'],
      poll: lib.func('int poll(_Inout_ uint8_t *fds, unsigned long count, int ms)') as unknown as Libc['poll'],
      errno: () => koffi.errno(),
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') return null;
    throw error;
  }
}
