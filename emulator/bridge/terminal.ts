// The terminal of a live board. RIOT's shell echoes and edits lines itself, so the terminal must do neither: it is raw,
// and what its special keys do is done here.
import type { ReadStream } from 'node:tty';

const CTRL_C = '\x03';
const CTRL_Z = '\x1a';
const SPECIAL = /([\x03\x1a])/;

/** What a user does. */
export interface TerminalUser {
  /** Keys for the board, one character a byte; Enter is a newline. */
  type(bytes: string): undefined;
  /** Ctrl-C. @param again right after another one: the user wants out */
  interrupt(again: boolean): undefined;
}

export class Terminal {
  private readonly input: ReadStream;
  private readonly user: TerminalUser;
  private interrupted = false;

  /** Takes the terminal; `release()` gives it back, and so does the end of the process, whatever ends it. */
  constructor(input: ReadStream, user: TerminalUser) {
    this.input = input;
    this.user = user;
    input.setRawMode(true);
    process.on('exit', this.restore);
    process.on('SIGTSTP', this.suspend);
    process.on('SIGCONT', this.resume);
    input.setEncoding('latin1');
    input.on('data', this.read);
  }

  /** Gives the terminal back as it was. */
  release(): undefined {
    this.restore();
    process.off('exit', this.restore);
    process.off('SIGTSTP', this.suspend);
    process.off('SIGCONT', this.resume);
    this.input.off('data', this.read);
  }

  private readonly read = (keys: string): undefined => {
    for (const part of keys.split(SPECIAL)) {
      if (part === '') continue;
      if (part === CTRL_Z) {
        // As the terminal itself would: all processes of the job.
        process.kill(0, 'SIGTSTP');
      } else if (part === CTRL_C) {
        this.user.interrupt(this.interrupted);
      } else {
        this.user.type(part.replaceAll('\r', '\n'));
      }
      this.interrupted = part === CTRL_C;
    }
  };

  private readonly restore = (): undefined => {
    this.input.setRawMode(false);
  };

  private readonly suspend = (): undefined => {
    this.restore();
    process.kill(process.pid, 'SIGSTOP');
  };

  private readonly resume = (): undefined => {
    // Whoever had the terminal meanwhile may have changed it: a mode that is set already would not be set again.
    this.input.setRawMode(false);
    this.input.setRawMode(true);
  };
}
