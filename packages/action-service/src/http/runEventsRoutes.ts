import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { RunEventsAnswer, type Run, type RunEvent } from '@dfr-ops/contracts';
import type { Deps } from '../deps.ts';
import { notFound } from '../problem.ts';
import { eventsAfter, findRun } from '../runs/readRuns.ts';
import type { App } from './app.ts';
import { problemResponses } from './errors.ts';

const keepAliveMs = 15_000;
/** Should an announcement be missed, the store is looked at so often. */
const lookEveryMs = 2000;

/**
 * GET /runs/:id/events: the run's story. As server-sent events (`event: run`, `id` is the seq) where the caller accepts them,
 * resumed after `Last-Event-ID` or `after`, ended when the run has ended; else as a long poll of up to `wait` seconds.
 */
export async function runEventsRoutes(app: App, deps: Deps): Promise<void> {
  const stopping = new AbortController();
  app.addHook('preClose', async () => stopping.abort());
  app.get(
    '/runs/:id/events',
    {
      schema: {
        params: z.object({ id: z.string().max(200) }),
        querystring: z.object({
          after: z.coerce.number().int().min(0).max(2_000_000_000).default(0),
          wait: z.coerce.number().int().min(0).max(20).default(0),
        }),
        response: { 200: RunEventsAnswer, ...problemResponses },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const run = await findRun(deps.store, id);
      if (!run) {
        throw notFound('run', id, 'Look for it in the list of runs.');
      }
      const after = Math.max(request.query.after, lastEventId(request.headers['last-event-id']));
      if (request.headers.accept?.includes('text/event-stream')) {
        reply.hijack();
        await stream(deps, reply, id, after, stopping.signal);
        return reply;
      }
      return poll(deps, id, run, after, request.query.wait * 1000, stopping.signal);
    }
  );
}

async function poll(deps: Deps, id: string, found: Run, after: number, waitMs: number, stopping: AbortSignal) {
  const gone = new AbortController();
  const until = Date.now() + waitMs;
  let run = found;
  for (;;) {
    const next = nextEvent(
      deps,
      id,
      Math.min(lookEveryMs, Math.max(0, until - Date.now())),
      AbortSignal.any([gone.signal, stopping])
    );
    const events = await eventsAfter(deps.store, id, after);
    run = events.at(-1)?.run ?? run;
    if (events.length > 0 || run.finishedAt !== null || Date.now() >= until || stopping.aborted) {
      gone.abort();
      return { events, run };
    }
    await next;
  }
}

async function stream(
  deps: Deps,
  reply: FastifyReply,
  id: string,
  after: number,
  stopping: AbortSignal
): Promise<void> {
  const { raw } = reply;
  const gone = new AbortController();
  raw.on('close', () => gone.abort());
  const stop = AbortSignal.any([gone.signal, stopping]);
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
  });
  // A first line at once: proxies wait for it before they pass anything on.
  raw.write(': run events\nretry: 1000\n\n');
  const keepAlive = setInterval(() => raw.write(': keep-alive\n\n'), keepAliveMs);
  try {
    for (let seen = after, finished = false; !finished && !stop.aborted;) {
      const next = nextEvent(deps, id, lookEveryMs, stop);
      const events = await eventsAfter(deps.store, id, seen);
      for (const event of events) {
        raw.write(frame(event));
        seen = event.seq;
      }
      finished = events.length === 0 ? await hasEnded(deps, id) : events.at(-1)?.run.finishedAt !== null;
      if (!finished) {
        await next;
      }
    }
    if (stopping.aborted) {
      raw.write('event: stopping\ndata: The service stops. Come back with the last id seen.\n\n');
    }
  } catch (error) {
    // The stream ends; who follows it comes back with the last id seen.
    deps.log.warn({ err: error, runId: id }, 'an event stream was cut');
  } finally {
    clearInterval(keepAlive);
    gone.abort();
    raw.end();
  }
}

/** Resumed after its last event, a stream has nothing to send and must end all the same. */
async function hasEnded({ store }: Deps, id: string): Promise<boolean> {
  const run = await findRun(store, id);
  return run?.finishedAt !== null;
}

function frame(event: RunEvent): string {
  return `event: run\nid: ${event.seq}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** Resolves when an event of this run was announced, when `ms` are over, or when `stop` is aborted. */
async function nextEvent({ actions }: Deps, id: string, ms: number, stop: AbortSignal): Promise<void> {
  const heard = new AbortController();
  const hear = (runId: string) => {
    if (runId === id) {
      heard.abort();
    }
  };
  actions.feed.on('run', hear);
  await sleep(ms, undefined, { signal: AbortSignal.any([heard.signal, stop]) }).catch(() => {});
  actions.feed.off('run', hear);
}

function lastEventId(header: string | string[] | undefined): number {
  const id = Number(header);
  return Number.isSafeInteger(id) && id > 0 ? id : 0;
}
