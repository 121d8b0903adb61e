import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fastify from 'fastify';
import { z } from 'zod';
import { defineAction, emptyTable, type Action } from '../actions/action.ts';
import { unixHttp, type UnixHttp } from '../connectors/unixHttp.ts';

/** So many targets, each with an action of its own: their locks do not get into each other's way. */
export const countingTargets = 8;

/**
 * Targets on a unix socket that count how often each run touched them, in the test's own process: what a killed service did
 * stays counted. A touch shows a little later than it is made, as a real effect does.
 */
export async function startCountingTarget(folder: string) {
  const app = fastify();
  const touches = new Map<string, number>();
  const shows = new Set<string>();
  const world = { touchMs: 30, showMs: 150, onTouch: (_nonce: string) => {}, beforeAnswer: (_nonce: string) => {} };
  app.post<{ Params: { nonce: string } }>('/touch/:nonce', async ({ params: { nonce } }) => {
    touches.set(nonce, (touches.get(nonce) ?? 0) + 1);
    setTimeout(() => shows.add(nonce), world.showMs).unref();
    world.onTouch(nonce);
    await sleep(world.touchMs);
    world.beforeAnswer(nonce);
    return {};
  });
  app.post<{ Params: { nonce: string } }>('/shows/:nonce', async ({ params }) => ({ shows: shows.has(params.nonce) }));
  const path = join(folder, 'counter.sock');
  await app.listen({ path });
  return { path, world, touches, stop: () => app.close() };
}

export type CountingTarget = Awaited<ReturnType<typeof startCountingTarget>>;

/** The actions that touch them: `count.1` runs at once, `count.8` asks a second person where the policy says so. */
export function countingCatalogue(socketPath: string): Action[] {
  const http = unixHttp(socketPath, 'The counting target');
  return Array.from({ length: countingTargets }, (_one, index) => countingAction(index + 1, http));
}

function countingAction(number: number, http: UnixHttp): Action {
  return defineAction<Record<string, never>, { nonce: string }>({
    id: `count.${number}`,
    title: `Count ${number}`,
    description: 'Touches its target once.',
    kind: 'dfr-ops',
    target: () => `counter-${number}`,
    risk: 'low',
    lock: 'exclusive',
    deadlineSeconds: 10,
    effectSeconds: 2,
    cooldownSeconds: 0,
    alerts: [],
    mends: false,
    rollback: null,
    rollbackNote: 'A count is not taken back.',
    bounds: z.strictObject({}),
    lacking: () => null,
    form: async () => [],
    preview: async () => ({
      summary: 'Would count.',
      statement: 'POST /touch',
      affected: emptyTable,
      preconditions: [],
      warnings: [],
      refusal: null,
      snapshot: { nonce: randomUUID() },
      suggestedReason: 'counting',
    }),
    async run(_context, { snapshot }, narrator) {
      await narrator.step('About to touch');
      await http.ask('POST', `/touch/${snapshot.nonce}`);
      await narrator.step('Touched');
    },
    async effect(_context, { snapshot }) {
      const { body } = await http.ask('POST', `/shows/${snapshot.nonce}`);
      const { shows } = body as { shows: boolean };
      return shows ? { state: 'confirmed', detail: 'It counted.' } : { state: 'pending', detail: 'It did not count.' };
    },
    nextStep: async () => 'Count by hand.',
  });
}
