import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Series, valueAt } from './shape.ts';

/** Serves every series at /<country> as an exporter would, on a free port of 127.0.0.1. */
export async function serveSeries(
  series: readonly Series[],
  takenAt: number
): Promise<{ address: string; server: Server }> {
  const lines = new Map<string, Array<[string, Series]>>();
  for (const one of series.filter(({ recorded }) => !recorded)) {
    const path = `/${one.labels['country']}`;
    const list = lines.get(path) ?? [];
    list.push([lineOf(one), one]);
    lines.set(path, list);
  }
  const server = createServer((request, response) => {
    const now = Date.now() / 1000;
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    response.end(
      (lines.get(request.url ?? '') ?? []).map(([name, one]) => `${name} ${valueAt(one, takenAt, now)}\n`).join('')
    );
  });
  await new Promise<void>((done, fail) => server.once('error', fail).listen(0, '127.0.0.1', done));
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

function lineOf({ labels }: Series): string {
  const { __name__: name, ...rest } = labels;
  const pairs = Object.entries(rest).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return `${name}{${pairs.join(',')}}`;
}
