import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

import type { Preview, Run } from '@dfr-ops/contracts';
import { setTimeout as sleep } from 'node:timers/promises';
import { repoRoot } from '../../native/context.ts';
import { followRun } from '../runAction.ts';
import { openSession, type PageSession } from '../pageSession.ts';
import { grown, type Cause } from './cause.ts';
import type { Reach } from './reach.ts';

/** Every processor is kept busy for some seconds. */
export const busyProcessors: Cause = {
  name: 'busy processors',
  async begin(_reach, undo) {
    const busy = 'const end = Date.now() + 8000; while (Date.now() < end);';
    for (let i = 0; i < availableParallelism(); i++) {
      const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', 'nice', '-n', '10', process.execPath, '-e', busy], {
        stdio: 'ignore',
      });
      undo.push(() => child.kill('SIGKILL'));
    }
  },
  seen: ['dfr:host_cpu_busy:share'],
};

/** A backup that fails, for want of the right password; then a good one. */
export const backups: Cause = {
  name: 'a failed and a good backup',
  async begin(reach) {
    const told = async () =>
      ((await reach.highest('ALERTS{alertname="DFRBackupJobFailed",alertstate="firing"}')) ?? 0) > 0;
    // A good backup whose turn comes meanwhile may undo the failure before anybody has seen it.
    for (let tries = 0; tries < 3 && !(await told().catch(() => false)); tries++) {
      await backUp(reach, { PGPASSFILE: '/dev/null' });
      await sleepUntil(told, 15);
    }
    await backUp(reach, {});
  },
  seen: ['dfr:backup_failed == bool 0', 'changes(dfr_backup_last_success_timestamp_seconds[1m])'],
};

/** The stack's own backup program with its own environment, once. */
async function backUp(reach: Reach, changes: Record<string, string>): Promise<void> {
  const { pid } = reach.process('backup');
  const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  const env = Object.fromEntries(
    environment
      .filter((line) => line.includes('='))
      .map((line) => [line.split('=')[0], line.slice(line.indexOf('=') + 1)])
  );
  const child = spawn(process.execPath, [join(repoRoot, 'packages/agent/src/backup/main.ts'), '--once'], {
    env: { ...env, ...changes },
    stdio: 'ignore',
  });
  await once(child, 'exit');
}

/** One action that succeeds and one that cannot: Nginx' configuration is tested while it is sound and while it is not. */
export const actions: Cause = {
  name: 'an action that succeeds and one that fails',
  async begin(reach, undo) {
    const session = await openSession(reach.stack);
    const { upstreamInclude } = reach.stack.nginx;
    const before = readFileSync(upstreamInclude, 'utf8');
    undo.push(() => writeFileSync(upstreamInclude, before));
    await runTest(session);
    appendFileSync(upstreamInclude, 'drill;\n');
    await runTest(session);
    writeFileSync(upstreamInclude, before);
  },
  seen: [grown('dfr_ops_runs_total{state="succeeded"}'), grown('dfr_ops_runs_total{state="failed"}')],
};

async function runTest(session: PageSession): Promise<void> {
  const preview = (await session.act('actions/nginx.test/preview', { parameters: {}, fingerprint: null })) as Preview;
  const reason = 'Drill: everything that is measured is made to move';
  await followRun(session, (await session.act('runs', { token: preview.token, reason, typedTarget: null })) as Run);
}

async function sleepUntil(ask: () => Promise<boolean>, seconds: number): Promise<void> {
  for (const end = Date.now() + seconds * 1000; Date.now() < end && !(await ask().catch(() => false));) {
    await sleep(250);
  }
}
