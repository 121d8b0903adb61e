/** What takes a drill's doings back, the last first. Each step is tried, whatever became of the others. */
export class Undo {
  #steps: Array<() => unknown> = [];

  push(step: () => unknown): void {
    this.#steps.push(step);
  }

  /** May be called again, and by two at once. Throws the first failure after all steps. */
  async all(): Promise<void> {
    const failures: unknown[] = [];
    for (let step = this.#steps.pop(); step; step = this.#steps.pop()) {
      try {
        await step();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) {
      throw failures[0];
    }
  }
}
