import Fastify, { LogController, type FastifyInstance } from 'fastify';
import { z } from 'zod';
import { refuseForeignHosts } from '../http/refuseForeignHosts.ts';
import { DayFiles } from './dayFiles.ts';
import { evaluate, findLines, type Series } from './logql/evaluate.ts';
import { LogQlError, type Matcher } from './logql/query.ts';
import { parseQuery } from './logql/parseQuery.ts';
import { LogStore, type Limits } from './logStore.ts';
import { parseStepMs, parseTimeNs } from './times.ts';

const Push = z.object({
  streams: z.array(
    z.object({
      stream: z.record(z.string(), z.string()),
      values: z.array(z.tuple([z.string().regex(/^\d{1,19}$/), z.string()]).rest(z.unknown())),
    })
  ),
});
type Query = Record<string, string | undefined>;
const hour = 3_600_000_000_000n;

/** The embedded log store: Loki's HTTP API for what DFR Ops asks. It keeps what it is told in `dir`. */
export async function buildLogStore(options: {
  dir: string;
  limits: Limits;
  logger: boolean;
}): Promise<FastifyInstance> {
  const app = Fastify({
    logger: options.logger,
    // The shipper pushes every second: a line for each push would bury the log, and feed it.
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
    bodyLimit: 16 * 1024 * 1024,
  });
  const store = new LogStore(options.limits);
  const files = new DayFiles(options.dir);
  const loaded = await files.load((labels, entry) => store.add(labels, entry));
  app.log.info({ ...loaded }, 'Log store in the place of Loki: lines kept from before were read');
  const timer = setInterval(() => {
    store.expire(Date.now());
    files.expire(new Date(Date.now() - options.limits.retentionMs));
  }, 10_000);
  app.addHook('onClose', async () => clearInterval(timer));
  refuseForeignHosts(app);
  app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    // Loki answers errors of a query in plain text.
    const status = error instanceof LogQlError ? 400 : (error.statusCode ?? 500);
    void reply.code(status).type('text/plain; charset=utf-8').send(`${error.message}\n`);
  });
  addPush(app, store, files);
  addQueries(app, store);
  addLabels(app, store);
  for (const path of ['/ready', '/healthz']) {
    app.get(path, async (_request, reply) => reply.type('text/plain; charset=utf-8').send('ready\n'));
  }
  app.get('/loki/api/v1/status/buildinfo', async () => ({
    version: 'dfr-ops-log-store',
    revision: '',
    branch: '',
    buildUser: '',
    buildDate: '',
    goVersion: '',
  }));
  return app;
}

function addPush(app: FastifyInstance, store: LogStore, files: DayFiles): void {
  app.post('/loki/api/v1/push', async (request, reply) => {
    const read = Push.safeParse(request.body);
    if (!read.success) {
      return reply
        .code(400)
        .type('text/plain')
        .send(`error at least one stream is not as it should be: ${z.prettifyError(read.error)}\n`);
    }
    const rows = read.data.streams.flatMap(({ stream, values }) =>
      values.map(([ns, line]) => ({ labels: stream, entry: { ns: BigInt(ns), line } }))
    );
    if (read.data.streams.some(({ stream }) => Object.keys(stream).length === 0)) {
      return reply.code(400).type('text/plain').send('error at least one label pair is required per stream\n');
    }
    const added = rows.filter(({ labels, entry }) => store.add(labels, entry));
    if (added.length > 0) {
      files.append(added, new Date());
    }
    return reply.code(204).send();
  });
}

function addQueries(app: FastifyInstance, store: LogStore): void {
  app.get<{ Querystring: Query }>('/loki/api/v1/query_range', async ({ query: asked }) => {
    const query = parseQuery(asked.query ?? '');
    const { startNs, endNs } = windowOf(asked);
    if (query.kind === 'log') {
      const direction = asked.direction?.toLowerCase() === 'forward' ? 'forward' : 'backward';
      const streams = findLines(store, query, { startNs, endNs, direction, limit: limitOf(asked) });
      const result = streams.map(({ labels, entries }) => ({
        stream: labels,
        values: entries.map(({ ns, line }) => [String(ns), line]),
      }));
      return success('streams', result);
    }
    const [startMs, endMs] = [toMs(startNs), toMs(endNs)];
    const stepMs = asked.step ? parseStepMs(asked.step) : Math.max(1000, Math.ceil((endMs - startMs) / 250));
    const series = evaluate(store, query, { startMs, endMs, stepMs });
    return success('matrix', series.filter(({ points }) => points.length > 0).map(toMatrix));
  });

  app.get<{ Querystring: Query }>('/loki/api/v1/query', async ({ query: asked }) => {
    const query = parseQuery(asked.query ?? '');
    if (query.kind === 'log') {
      throw new LogQlError(
        'log queries are not supported as an instant query type, please change your query to a range query type'
      );
    }
    const at = asked.time ? toMs(parseTimeNs(asked.time, 'time')) : Date.now();
    const series = evaluate(store, query, { startMs: at, endMs: at, stepMs: 1000 });
    const vector = series.flatMap(({ labels, points }) =>
      points.map(([ms, value]) => ({ metric: labels, value: [ms / 1000, String(value)] }))
    );
    return success('vector', vector);
  });
}

function addLabels(app: FastifyInstance, store: LogStore): void {
  const sorted = (names: Iterable<string>) => [...new Set(names)].sort();
  app.get('/loki/api/v1/labels', async () => ({
    status: 'success',
    data: sorted(store.all().flatMap((stream) => Object.keys(stream.labels))),
  }));
  app.get<{ Params: { name: string } }>('/loki/api/v1/label/:name/values', async ({ params }) => ({
    status: 'success',
    data: sorted(store.all().flatMap((stream) => stream.labels[params.name] ?? [])),
  }));
  app.get<{ Querystring: { match?: string | string[]; 'match[]'?: string | string[] } }>(
    '/loki/api/v1/series',
    async ({ query }) => {
      const selectors = [query['match[]'] ?? query.match ?? []].flat().map(selectorOf);
      const streams = selectors.length === 0 ? store.all() : selectors.flatMap((matchers) => store.select(matchers));
      return { status: 'success', data: [...new Set(streams)].map((stream) => stream.labels) };
    }
  );
}

function selectorOf(text: string): Matcher[] {
  const query = parseQuery(text);
  if (query.kind !== 'log') {
    throw new LogQlError(`parse error : only label matchers are supported here: ${text}`);
  }
  return query.matchers;
}

function windowOf(asked: Query): { startNs: bigint; endNs: bigint } {
  const endNs = asked.end ? parseTimeNs(asked.end, 'end') : BigInt(Date.now()) * 1_000_000n;
  const startNs = asked.start ? parseTimeNs(asked.start, 'start') : endNs - hour;
  if (endNs < startNs) {
    throw new LogQlError('end timestamp must not be before or equal to start time');
  }
  return { startNs, endNs };
}

function limitOf(asked: Query): number {
  const limit = asked.limit === undefined ? 100 : Number(asked.limit);
  if (!Number.isInteger(limit) || limit <= 0) {
    throw new LogQlError('limit must be a positive value');
  }
  return Math.min(limit, 5000);
}

function toMatrix({ labels, points }: Series): {
  metric: Readonly<Record<string, string>>;
  values: Array<[number, string]>;
} {
  return { metric: labels, values: points.map(([ms, value]) => [ms / 1000, String(value)]) };
}

function toMs(ns: bigint): number {
  return Number(ns / 1_000_000n);
}

function success(resultType: string, result: unknown[]): unknown {
  return { status: 'success', data: { resultType, result, stats: {} } };
}
