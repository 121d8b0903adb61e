const maxLines = 500;

/** Puts lines that belong together into one entry: what does not begin as a first line does is part of the one before it. */
export class LineJoiner {
  readonly #firstLine: RegExp;
  #open: string[] = [];

  constructor(firstLine: RegExp) {
    this.#firstLine = firstLine;
  }

  /** Takes the lines of one reading; answers what is complete. A reading without lines completes what was open. */
  join(lines: readonly string[]): string[] {
    const complete: string[] = [];
    for (const line of lines) {
      if (this.#firstLine.test(line) || this.#open.length >= maxLines) {
        complete.push(...this.#close());
      }
      this.#open.push(line);
    }
    return lines.length === 0 ? this.#close() : complete;
  }

  #close(): string[] {
    const closed = this.#open.length > 0 ? [this.#open.join('\n')] : [];
    this.#open = [];
    return closed;
  }
}
