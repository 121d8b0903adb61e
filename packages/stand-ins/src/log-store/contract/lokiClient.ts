import assert from 'node:assert/strict';

export interface Answer {
  status: number;
  type: string;
  text: string;
}
export type Labels = Record<string, string>;
interface Found {
  ns: string;
  line: string;
  labels: Labels;
}
type Value = [ns: string, line: string, metadata?: Labels];
/** `values` by the times of `points`: seconds since the contract's start, then the value as Loki writes it. */
export type Points = Array<[number, string]>;

/**
 * Asks a Loki, or what stands in for it, about lines that carry this run's own label: it may hold others.
 * Times are milliseconds after `t0`, a multiple of ten seconds about a minute ago.
 */
export class LokiClient {
  readonly run = `r${Date.now()}${Math.floor(Math.random() * 1e6)}`;
  readonly t0 = Math.floor((Date.now() - 60_000) / 10_000) * 10_000;
  readonly #baseUrl: () => string;

  constructor(baseUrl: () => string) {
    this.#baseUrl = baseUrl;
  }

  /** A time as Loki takes it: nanoseconds. */
  at(ms: number): string {
    return `${this.t0 + ms}000000`;
  }

  /** A selector of this run's lines. */
  selector(service?: string): string {
    return service ? `{run="${this.run}",service="${service}"}` : `{run="${this.run}"}`;
  }

  get range(): { start: string; end: string } {
    return { start: this.at(-5000), end: this.at(30_000) };
  }

  async get(path: string, parameters: Record<string, string> = {}): Promise<Answer> {
    const response = await fetch(`${this.#baseUrl()}${path}?${new URLSearchParams(parameters)}`);
    return { status: response.status, type: response.headers.get('content-type') ?? '', text: await response.text() };
  }

  async push(streams: unknown, body = JSON.stringify({ streams })): Promise<Answer> {
    const headers = { 'Content-Type': 'application/json' };
    const response = await fetch(`${this.#baseUrl()}/loki/api/v1/push`, { method: 'POST', headers, body });
    return { status: response.status, type: response.headers.get('content-type') ?? '', text: await response.text() };
  }

  /** Pushes lines of one service at milliseconds after t0. */
  pushLines(service: string, lines: Array<[ms: number, line: string, metadata?: Labels]>): Promise<Answer> {
    const values = lines.map(([ms, ...rest]): Value => [this.at(ms), ...rest]);
    return this.push([{ stream: { run: this.run, service }, values }]);
  }

  queryRange(query: string, more: Record<string, string> = {}): Promise<Answer> {
    return this.get('/loki/api/v1/query_range', { query, ...this.range, ...more });
  }

  /** The lines that a query finds, in the order asked for over all streams, with their labels but the run's. */
  async found(query: string, more: Record<string, string> = {}): Promise<Found[]> {
    const answer = await this.queryRange(query, more);
    assert.equal(answer.status, 200, `${query}: ${answer.text}`);
    const { status, data } = JSON.parse(answer.text);
    assert.equal(status, 'success');
    assert.equal(data.resultType, 'streams');
    const sign = more['direction'] === 'forward' ? 1 : -1;
    const byTime = (a: Found, b: Found) => Number(BigInt(a.ns) - BigInt(b.ns)) * sign;
    const streams = (data.result as Array<{ stream: Labels; values: Value[] }>).map(({ stream, values }) => {
      const lines = values.map(([ns, line]) => ({ ns, line, labels: this.#own(stream) }));
      lines.forEach(({ ns }) => assert.match(ns, /^\d{19}$/, 'nanoseconds as text'));
      assert.deepEqual(lines, lines.toSorted(byTime), 'a stream is in order');
      return lines;
    });
    return streams.flat().sort(byTime);
  }

  async lines(query: string, more: Record<string, string> = {}): Promise<string[]> {
    return (await this.found(query, more)).map(({ line }) => line);
  }

  /** The labels of the only line that a query finds. */
  async labelsOf(query: string): Promise<Labels> {
    const found = await this.found(query);
    assert.equal(found.length, 1, `${query}: ${JSON.stringify(found)}`);
    return found[0]?.labels ?? {};
  }

  /** Series of a metric query, sorted by their labels; times in seconds after t0. */
  async matrix(query: string, more: Record<string, string>): Promise<Array<{ labels: Labels; points: Points }>> {
    const answer = await this.queryRange(query, more);
    assert.equal(answer.status, 200, `${query}: ${answer.text}`);
    const { data } = JSON.parse(answer.text);
    assert.equal(data.resultType, 'matrix');
    const series = data.result.map(({ metric, values }: { metric: Labels; values: Points }) => ({
      labels: this.#own(metric),
      points: values.map(([seconds, value]): [number, string] => [seconds - this.t0 / 1000, value]),
    }));
    return sorted(series);
  }

  /** An instant query's values, by their labels as JSON. */
  async vector(query: string, ms = 30_000): Promise<Record<string, string>> {
    const answer = await this.get('/loki/api/v1/query', { query, time: this.at(ms) });
    assert.equal(answer.status, 200, `${query}: ${answer.text}`);
    const { data } = JSON.parse(answer.text);
    assert.equal(data.resultType, 'vector');
    const rows = data.result as Array<{ metric: Labels; value: [number, string] }>;
    rows.forEach(({ value }) => assert.equal(value[0], (this.t0 + ms) / 1000, 'seconds as a number'));
    return Object.fromEntries(rows.map(({ metric, value }) => [JSON.stringify(this.#own(metric)), value[1]]));
  }

  /** Without the run's label, and without what a Loki in its own configuration guesses beside ours. */
  #own(labels: Labels): Labels {
    const guessed = ['run', 'service_name', 'detected_level'];
    return Object.fromEntries(
      Object.entries(labels)
        .filter(([name]) => !guessed.includes(name))
        .sort()
    );
  }
}

function sorted<T extends { labels: Labels }>(series: T[]): T[] {
  const key = ({ labels }: T) => JSON.stringify(labels);
  return series.sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
