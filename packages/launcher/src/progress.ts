/** One line per part with its state and seconds: live on a terminal, each line once elsewhere. */
export class Progress {
  readonly #out: NodeJS.WriteStream;
  readonly #live: boolean;
  readonly #lines = new Map<string, Line>();
  #drawn = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(out: NodeJS.WriteStream = process.stdout) {
    this.#out = out;
    this.#live = Boolean(out.isTTY);
  }

  begin(title: string): void {
    this.#lines.set(title, { state: 'starting', since: Date.now(), seconds: null, note: '' });
    if (this.#live && !this.#timer) {
      this.#timer = setInterval(() => this.#draw(), 120);
      this.#timer.unref();
    }
  }

  done(title: string, note = ''): void {
    this.#end(title, 'up', note);
  }

  failed(title: string, note = ''): void {
    this.#end(title, 'failed', note);
  }

  /** A line between the parts; it stays. */
  say(text: string): void {
    this.#erase();
    this.#out.write(text + '\n');
    this.#draw();
  }

  /** Draws the last state and lets go of the lines. */
  close(): void {
    if (this.#timer) {
      clearInterval(this.#timer);
    }
    this.#timer = null;
    this.#draw();
    this.#drawn = 0;
    this.#lines.clear();
  }

  #end(title: string, state: Line['state'], note: string): void {
    const line = this.#lines.get(title);
    if (!line) {
      return;
    }
    line.state = state;
    line.seconds = (Date.now() - line.since) / 1000;
    line.note = note;
    if (!this.#live) {
      this.#out.write(format(title, line) + '\n');
    }
  }

  #draw(): void {
    if (!this.#live) {
      return;
    }
    this.#erase();
    const text = [...this.#lines].map(([title, line]) => format(title, line).slice(0, this.#out.columns ?? 120));
    if (text.length > 0) {
      this.#out.write(text.join('\n') + '\n');
    }
    this.#drawn = text.length;
  }

  #erase(): void {
    if (this.#drawn > 0) {
      this.#out.write(`\x1b[${this.#drawn}A\x1b[0J`);
    }
    this.#drawn = 0;
  }
}

type Line = { state: 'starting' | 'up' | 'failed'; since: number; seconds: number | null; note: string };
const marks = { starting: '…', up: '✓', failed: '✗' };

function format(title: string, line: Line): string {
  const seconds = line.seconds ?? (Date.now() - line.since) / 1000;
  return `  ${marks[line.state]} ${title.padEnd(30)} ${line.state.padEnd(8)} ${seconds.toFixed(1).padStart(6)} s  ${line.note}`.trimEnd();
}
