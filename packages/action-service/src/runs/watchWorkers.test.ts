import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Registry } from 'prom-client';
import type { DockerConnector } from '../connectors/docker.ts';
import { UnreachableError } from '../connectors/unreachable.ts';
import { watchWorkers } from './watchWorkers.ts';

function scene() {
  const metrics = new Registry();
  const world = { alive: true, at: Date.parse('2026-11-24T10:00:00Z') };
  const docker = {
    top: async () => {
      if (!world.alive) {
        throw new UnreachableError('The Docker engine does not answer.');
      }
      return {
        titles: ['PID', 'PPID', 'CMD'],
        processes: [['1', '0', 'odoo'], ...['2', '3'].map((pid) => [pid, '1', 'odoo'])],
      };
    },
  } as unknown as DockerConnector;
  const watch = watchWorkers(
    docker,
    { container: 'dfr_odoo_prod', cronWorkers: 1 },
    { metrics, now: () => new Date(world.at) }
  );
  const shown = async () => (await metrics.metrics()).match(/^odoo_active_workers.*$/m)?.[0];
  return { world, watch, shown };
}

test('what was counted is told, and nothing before', async () => {
  const { watch, shown } = scene();
  assert.equal(await shown(), undefined);
  await watch.look();
  assert.equal(await shown(), 'odoo_active_workers{container="dfr_odoo_prod"} 1');
});

test('a container that cannot be asked is no number, and an old count is none either', async () => {
  const { world, watch, shown } = scene();
  await watch.look();
  world.at += 16_000;
  assert.equal(await shown(), undefined);
  await watch.look();
  assert.match((await shown()) ?? '', / 1$/);
  world.alive = false;
  await watch.look();
  assert.equal(await shown(), undefined);
});

test('without Docker nothing is asked', async () => {
  const metrics = new Registry();
  const watch = watchWorkers(null, { container: 'x', cronWorkers: 1 }, { metrics, now: () => new Date() });
  watch.start();
  assert.doesNotMatch(await metrics.metrics(), /^odoo_active_workers/m);
  watch.stop();
});
