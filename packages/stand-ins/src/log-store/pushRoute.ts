import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { DayFiles } from './dayFiles.ts';
import type { LabelSet } from './logql/matchers.ts';
import type { Entry, Limits, LogStore } from './logStore.ts';

const Labels = z.record(z.string().regex(/^[A-Za-z_]\w*$/, 'A label is letters, digits and underscores.'), z.string());
const Push = z.object({
  streams: z.array(
    z.object({
      stream: Labels,
      // Nanoseconds as text, the line, and labels of the line alone.
      values: z.array(
        z.tuple([z.string().regex(/^\d{1,19}$/, 'Nanoseconds since 1970, as text.'), z.string(), Labels.optional()])
      ),
    })
  ),
});

/** Longer lines are cut, as provisioning/loki/config.yaml has it. */
const maxLineBytes = 256 * 1024;
const futureMs = 10 * 60_000;

interface Row {
  labels: LabelSet;
  entry: Entry;
}

/** Takes lines: 204, or 400 in plain text for what it does not take. Of several, the good ones are kept all the same. */
export function addPushRoute(app: FastifyInstance, store: LogStore, files: DayFiles, limits: Limits): void {
  app.post('/loki/api/v1/push', async (request, reply) => {
    const refuse = (status: number, reason: string) =>
      reply.code(status).type('text/plain; charset=utf-8').send(`${reason}\n`);
    const read = Push.safeParse(request.body);
    if (!read.success) {
      return refuse(400, `error at least one stream is not as it should be: ${z.prettifyError(read.error)}`);
    }
    if (read.data.streams.length === 0) {
      return refuse(422, 'error at least one valid stream is required for ingestion');
    }
    const streams = read.data.streams.map(({ stream, values }) => ({ labels: withoutEmpty(stream), values }));
    if (streams.some(({ labels }) => Object.keys(labels).length === 0)) {
      return refuse(400, 'error at least one label pair is required per stream');
    }
    const rows = streams.flatMap(({ labels, values }) => values.map((value) => ({ labels, entry: toEntry(value) })));
    const reasons = rows.map((row) => reasonToRefuse(row, Date.now(), limits));
    const added = rows.filter(({ labels, entry }, index) => !reasons[index] && store.add(labels, entry));
    if (added.length > 0) {
      files.append(added, new Date());
    }
    const reason = reasons.find(Boolean);
    return reason ? refuse(400, reason) : reply.code(204).send();
  });
}

function toEntry([ns, line, metadata]: [string, string, LabelSet?]): Entry {
  const bytes = Buffer.from(line);
  const kept = bytes.length > maxLineBytes ? bytes.toString('utf8', 0, maxLineBytes) : line;
  const own = metadata && withoutEmpty(metadata);
  return { ns: BigInt(ns), line: kept, ...(own && Object.keys(own).length > 0 ? { metadata: own } : {}) };
}

function reasonToRefuse({ labels, entry }: Row, nowMs: number, { retentionMs }: Limits): string | null {
  const ms = Number(entry.ns / 1_000_000n);
  const stream = `entry for stream '{${Object.keys(labels)
    .sort()
    .map((name) => `${name}=${JSON.stringify(labels[name])}`)
    .join(', ')}}'`;
  if (ms < nowMs - retentionMs) {
    return `${stream} has timestamp too old: ${iso(ms)}, oldest acceptable timestamp is: ${iso(nowMs - retentionMs)}`;
  }
  return ms > nowMs + futureMs ? `${stream} has timestamp too new: ${iso(ms)}` : null;
}

function iso(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}

function withoutEmpty(labels: LabelSet): LabelSet {
  return Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ''));
}
