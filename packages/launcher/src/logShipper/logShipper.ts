import { FileTail } from './fileTail.ts';
import { hideSecrets } from './hideSecrets.ts';
import { levelOf } from './levelOf.ts';
import { LineJoiner } from './lineJoiner.ts';

export type LogSource = {
  path: string;
  labels: { service: string; component: string; country: string; env: string };
  /** Where one thing that happened may take several lines: how its first one begins. */
  firstLine?: RegExp;
};

type Entry = { labels: Record<string, string>; ns: bigint; line: string };

/**
 * Ships log files to a store that takes Loki's push (`POST <url>/loki/api/v1/push`, 204), without the secrets in them.
 * Lines wait in a bounded buffer while the store is away: the oldest are dropped then, and a line in the stream says how many.
 */
export class LogShipper {
  readonly #pushUrl: string;
  readonly #tails: Array<{ tail: FileTail; source: LogSource; joiner: LineJoiner | null }>;
  readonly #capacity: number;
  #buffer: Entry[] = [];
  #dropped = 0;
  #lastNs = 0n;
  #running = false;
  #loop: Promise<void> = Promise.resolve();

  constructor(logStoreUrl: string, sources: readonly LogSource[], capacity = 20_000) {
    this.#pushUrl = `${logStoreUrl}/loki/api/v1/push`;
    this.#tails = sources.map((source) => ({
      tail: new FileTail(source.path),
      source,
      joiner: source.firstLine ? new LineJoiner(source.firstLine) : null,
    }));
    this.#capacity = capacity;
  }

  /** Begins with what is written from now on. To be awaited before the writers start. */
  async skipExisting(): Promise<void> {
    await Promise.all(this.#tails.map(({ tail }) => tail.skipExisting()));
  }

  start(intervalMs = 250): void {
    this.#running = true;
    this.#loop = this.#run(intervalMs);
  }

  /** Sends what is left, once, and ends. */
  async stop(): Promise<void> {
    this.#running = false;
    await this.#loop;
    await this.shipOnce().catch(() => {});
    // Nothing new comes now, which ends what a joiner still held open.
    await this.shipOnce().catch(() => {});
  }

  /** Reads new lines and pushes what waits. Rejects when the store does not take it; the lines are kept then. */
  async shipOnce(): Promise<void> {
    await this.#collect();
    while (this.#buffer.length > 0) {
      const batch = this.#buffer.slice(0, 1000);
      await push(this.#pushUrl, batch);
      this.#buffer = this.#buffer.slice(batch.length);
    }
  }

  async #run(intervalMs: number): Promise<void> {
    let pause = intervalMs;
    while (this.#running) {
      const shipped = await this.shipOnce().then(
        () => true,
        () => false
      );
      pause = shipped ? intervalMs : Math.min(pause * 2, 5000);
      for (let waited = 0; waited < pause && this.#running; waited += 50) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  async #collect(): Promise<void> {
    for (const { tail, source, joiner } of this.#tails) {
      const lines = await tail.readLines().catch(() => []);
      for (const line of joiner?.join(lines) ?? lines) {
        this.#add(source, line);
      }
    }
    const surplus = this.#buffer.length - this.#capacity;
    if (surplus > 0) {
      this.#buffer = this.#buffer.slice(surplus);
      this.#dropped += surplus;
    } else if (this.#dropped > 0 && this.#tails[0]) {
      this.#add(this.#tails[0].source, `WARNING: ${this.#dropped} log lines were dropped while the log store was away`);
      this.#dropped = 0;
    }
  }

  #add(source: LogSource, raw: string): void {
    const line = hideSecrets(raw);
    const now = BigInt(Date.now()) * 1_000_000n;
    // Strictly rising, so that lines of one read keep their order.
    this.#lastNs = now > this.#lastNs ? now : this.#lastNs + 1n;
    const level = levelOf(line);
    this.#buffer.push({ labels: level ? { ...source.labels, level } : source.labels, ns: this.#lastNs, line });
  }
}

async function push(url: string, batch: readonly Entry[]): Promise<void> {
  const streams = new Map<string, { stream: Record<string, string>; values: Array<[string, string]> }>();
  for (const entry of batch) {
    const key = JSON.stringify(entry.labels);
    const stream = streams.get(key) ?? { stream: entry.labels, values: [] };
    stream.values.push([entry.ns.toString(), entry.line]);
    streams.set(key, stream);
  }
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ streams: [...streams.values()] }),
    signal: AbortSignal.timeout(5000),
  });
  const text = await answer.text();
  // 4xx but 429: the store will never take these lines, so keeping them would block all others.
  if (answer.status >= 500 || answer.status === 429) {
    throw new Error(`log store answered ${answer.status}: ${text.slice(0, 200)}`);
  }
}
