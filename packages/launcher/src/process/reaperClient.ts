import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ProcessIdentity } from './identity.ts';

/** The launcher's end of the reaper's pipe. */
export class Reaper {
  readonly #child: ChildProcess;

  constructor() {
    // A session of its own: Ctrl-C in the terminal must not reach it.
    this.#child = spawn(process.execPath, [fileURLToPath(new URL('./reaper.ts', import.meta.url))], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
      cwd: '/',
    });
    this.#child.stdin?.on('error', () => {});
    this.#child.unref();
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  watch(identity: ProcessIdentity, signal: NodeJS.Signals): void {
    this.#write(`watch ${identity.pid} ${identity.startTime} ${signal}`);
  }

  /** Whatever Nginx writes this error log when the launcher has died. */
  watchNginx(errorLog: string): void {
    this.#write(`nginx ${errorLog}`);
  }

  /** To be called when everything has been stopped. */
  dismiss(): void {
    this.#write('bye');
    this.#child.stdin?.end();
  }

  #write(line: string): void {
    if (this.#child.stdin?.writable) {
      this.#child.stdin.write(line + '\n');
    }
  }
}
