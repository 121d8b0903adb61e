import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Preview, Run, RunEvent } from '@dfr-ops/contracts';
import type { RunningMain } from '../test/startMain.ts';
import { atLeast, atMost, quantile, type Figure } from './figure.ts';

const warmUps = 10;
const measured = 60;
const acceptedRuns = 200;
const people = 10;

/**
 * What the service itself takes for preview, run and record: from asking for the preview to its answer, and from asking for the run
 * until the caller's event stream tells that it acted, without the time during which the target held a call.
 */
export async function measureOverhead(service: RunningMain, targetMs: number): Promise<Figure[]> {
  const { nginx } = service.agent;
  nginx.delayMs = targetMs;
  const parts: Array<{ preview: number; accept: number; act: number }> = [];
  const commits: number[] = [];
  await service.store.pool.query('CREATE TABLE bench_yardstick (at timestamptz)');
  for (let round = 0; round < warmUps + measured; round += 1) {
    nginx.calls.length = 0;
    parts.push(await oneRun(service));
    const begun = performance.now();
    await service.store.pool.query('INSERT INTO bench_yardstick VALUES (now())');
    commits.push(performance.now() - begun);
  }
  const commit = quantile(commits.slice(warmUps), 0.5);
  nginx.delayMs = 0;
  const kept = parts.slice(warmUps);
  const of = (take: (part: (typeof kept)[number]) => number, share: number) => quantile(kept.map(take), share);
  const whole = (part: (typeof kept)[number]) => part.preview + part.accept + part.act;
  console.error(
    `Yardstick: one row committed to the same store, ${commit.toFixed(2)} ms p50; a run is ${(of(whole, 0.5) / commit).toFixed(1)} of them.`
  );
  const name = 'service: preview + run + record, without the target';
  return [
    atMost(`${name}, p50`, of(whole, 0.5), 'ms', 10),
    atMost(`${name}, p95`, of(whole, 0.95), 'ms', 30),
    atMost(
      '  of which the preview, p50',
      of((part) => part.preview, 0.5),
      'ms',
      10
    ),
    atMost(
      '  of which accepting the run, p50',
      of((part) => part.accept, 0.5),
      'ms',
      10
    ),
    atMost(
      '  of which beginning and recording it, p50',
      of((part) => part.act, 0.5),
      'ms',
      10
    ),
  ];
}

async function oneRun(service: RunningMain) {
  const { calls } = service.agent.nginx;
  const begun = performance.now();
  const preview = await service.ask<Preview>('POST', '/actions/nginx.reload/preview', {});
  const shown = performance.now();
  const run = await service.ask<Run>('POST', '/runs', {
    token: preview.token,
    reason: 'measured by the bench',
    typedTarget: preview.target.name,
  });
  const accepted = performance.now();
  const acted = await actedAt(service, run.id);
  await ended(service, run.id);
  return {
    preview: shown - begun - heldWithin(calls, begun, shown),
    accept: accepted - shown,
    act: acted - accepted - heldWithin(calls, accepted, acted),
  };
}

/** When (performance.now) the event stream of a run told that it had acted. */
async function actedAt(service: RunningMain, id: string): Promise<number> {
  const answer = await fetch(`${service.base}/api/v1/runs/${id}/events`, {
    headers: { ...(await service.headersOf('admin', 'Admin')), accept: 'text/event-stream' },
  });
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const { value, done } = await reader.read();
    text += value ?? '';
    const at = performance.now();
    const events = [...text.matchAll(/^data: (\{.*\})$/gm)].map(([, data]) => JSON.parse(data!) as RunEvent);
    if (events.some(({ run }) => run.actedAt !== null)) {
      await reader.cancel();
      return at;
    }
    if (done) {
      throw new Error(`Run ${id} ended without having acted: ${events.at(-1)?.text}`);
    }
  }
}

/** Milliseconds between two times during which at least one call was with the target. */
function heldWithin(calls: ReadonlyArray<{ from: number; to: number }>, begin: number, end: number): number {
  let held = 0;
  let until = begin;
  for (const { from, to } of calls.toSorted((a, b) => a.from - b.from)) {
    held += Math.max(0, Math.min(to, end) - Math.max(from, until));
    until = Math.max(until, Math.min(to, end));
  }
  return held;
}

/** How many runs a second are accepted, each on a target of its own, asked for by ten people at once. */
export async function measureAccepting(service: RunningMain): Promise<Figure[]> {
  const tokens = await previewsOnDistinctTargets(service, acceptedRuns);
  const headers = await Promise.all(
    Array.from({ length: people }, (_, index) => service.headersOf(`admin${index}`, 'Admin'))
  );
  const begun = performance.now();
  const statuses = await Promise.all(
    headers.map((one, index) =>
      acceptAll(
        service,
        one,
        tokens.filter((_, at) => at % people === index)
      )
    )
  );
  const seconds = (performance.now() - begun) / 1000;
  const accepted = statuses.flat().filter((status) => status === 202).length;
  await waitForAll(service);
  return [
    atLeast('service: accepted runs on distinct targets', accepted / seconds, '1/s', 50),
    atMost('  of which not accepted', acceptedRuns - accepted, '', 0),
  ];
}

async function acceptAll(service: RunningMain, headers: Record<string, string>, tokens: string[]): Promise<number[]> {
  const statuses: number[] = [];
  for (const token of tokens) {
    const answer = await fetch(`${service.base}/api/v1/runs`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ token, reason: 'measured by the bench', typedTarget: null }),
    });
    await answer.text();
    statuses.push(answer.status);
  }
  return statuses;
}

/** Previews as the service keeps them, of one action on many targets: an installation has one nginx, and each target one run at a time. */
async function previewsOnDistinctTargets({ store }: RunningMain, count: number): Promise<string[]> {
  const tokens = Array.from({ length: count }, () => randomBytes(32).toString('base64url'));
  await store.pool.query(
    `INSERT INTO previews (token_hash, person, action_id, target_kind, target_name, parameters, snapshot, approval, expires_at)
     SELECT hash, 'admin' || ((number - 1) % $2), 'nginx.test', 'nginx', 'bench-' || number, '{}', 'null', 'none',
       clock_timestamp() + interval '10 minutes'
     FROM unnest($1::text[]) WITH ORDINALITY AS given (hash, number)`,
    [tokens.map((token) => createHash('sha256').update(token).digest('hex')), people]
  );
  return tokens;
}

async function ended(service: RunningMain, id: string): Promise<void> {
  while ((await service.store.pool.query('SELECT 1 FROM runs WHERE id = $1 AND finished_at IS NULL', [id])).rowCount) {
    await sleep(20);
  }
}

async function waitForAll({ store }: RunningMain): Promise<void> {
  for (
    let tries = 0;
    (await store.pool.query('SELECT 1 FROM runs WHERE finished_at IS NULL LIMIT 1')).rowCount;
    tries += 1
  ) {
    if (tries > 1800) {
      throw new Error('The accepted runs did not end within three minutes.');
    }
    await sleep(100);
  }
}
