import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { BackupState } from '@dfr-ops/contracts';
import { clockTime } from '../clockTime.ts';
import type { BackupConnector } from '../connectors/backupProgram.ts';
import { UnreachableError } from '../connectors/unreachable.ts';
import { ActionRefused, defineAction, type ActionContext, type Connectors } from './action.ts';

interface Snapshot {
  /** Unix seconds of the last good backup; 0: none. */
  lastSuccess: number;
}

const lookEveryMs = 1000;
/** The program may be asked in vain so many times in a row: it may be starting anew. */
const mostMisses = 10;

/** What `dfr_backup_last_status` means. */
const failures: Record<number, string> = {
  1: 'pg_dump failed',
  2: 'pg_restore cannot read it',
  3: 'its folder failed',
  4: 'it was stopped before it was whole',
};

export const backupRun = defineAction<Record<string, never>, Snapshot>({
  id: 'backup.run',
  title: 'Make a backup now',
  description: 'Has the backup program beside the database make its backup, and waits for it. One at a time.',
  kind: 'backup',
  target: (names) => names.backup,
  risk: 'low',
  lock: 'exclusive',
  // What takes longer goes on all the same; only the run does not wait for it any more.
  deadlineSeconds: 6600,
  effectSeconds: 10,
  cooldownSeconds: 60,
  alerts: ['DFRBackupJobFailed', 'DFRBackupTooOld'],
  mends: true,
  rollback: null,
  rollbackNote: 'None is needed: a backup is added, and the oldest goes when there are more than are kept.',
  bounds: z.strictObject({}),
  lacking: ({ backup }: Connectors) =>
    backup ? null : 'the service was not told how to reach the backup program (BACKUP_SOCKET)',
  form: async () => [],
  async preview(context) {
    const { runningSince, last } = await backupOf(context).status();
    const good = goodOne(last);
    return {
      summary: `Would make a backup of DFR's database; ${good}.`,
      statement: 'pg_dump --format=custom, pg_restore --list, by the backup program',
      affected: { columns: ['last good backup', 'last result'], rows: [[good, resultOf(last)]], total: 1 },
      preconditions: [
        {
          name: 'No backup is being made',
          ok: runningSince === null,
          detail:
            runningSince === null ? 'None is.' : `One is, since ${clockTime(new Date(runningSince))}: wait for it.`,
        },
      ],
      warnings: ['It reads the whole database: Odoo may be slower meanwhile. It must not be restarted before the end.'],
      refusal: null,
      snapshot: { lastSuccess: last?.lastSuccess ?? 0 },
      suggestedReason:
        last && last.status !== 0 ? `The last one failed: ${resultOf(last)}` : 'There is none new enough',
    };
  },
  async run(context, _input, narrator) {
    await narrator.step('Asking the backup program for a backup');
    const { started, state } = await backupOf(context).run();
    if (!started) {
      throw new ActionRefused(
        `A backup is being made already, since ${state.runningSince}.`,
        'Wait for it to end, and look whether the alert clears.'
      );
    }
    await narrator.step('It is being made; waiting for its end');
    const last = await untilEnded(backupOf(context), narrator.signal);
    await narrator.output(`${resultOf(last)}${last ? `, after ${last.durationSeconds.toFixed(1)} s` : ''}`);
  },
  async effect(context, { snapshot }) {
    const { runningSince, last } = await backupOf(context).status();
    if (last && last.status === 0 && last.lastSuccess > snapshot.lastSuccess) {
      return { state: 'confirmed', detail: `There is a new one: ${goodOne(last)}.` };
    }
    return runningSince === null
      ? { state: 'not_confirmed', detail: `There is no new one: ${resultOf(last)}; ${goodOne(last)}.` }
      : { state: 'pending', detail: `It is still being made, since ${clockTime(new Date(runningSince))}.` };
  },
  async nextStep() {
    return 'The backup is good and the alert stays: look whether Prometheus scrapes this program (dfr_backup_last_success_timestamp_seconds).';
  },
});

function backupOf({ connectors }: ActionContext): BackupConnector {
  return connectors.backup as BackupConnector;
}

async function untilEnded(backup: BackupConnector, signal: AbortSignal): Promise<BackupState['last']> {
  for (let misses = 0; ;) {
    await sleep(lookEveryMs, undefined, { signal });
    try {
      const { runningSince, last } = await backup.status();
      if (runningSince === null) {
        return last;
      }
      misses = 0;
    } catch (error) {
      misses += 1;
      if (!(error instanceof UnreachableError) || misses >= mostMisses) {
        throw error;
      }
    }
  }
}

function resultOf(last: BackupState['last']): string {
  if (!last) {
    return 'none has ended yet';
  }
  return last.status === 0 ? 'it succeeded' : (failures[last.status] ?? `it failed with status ${last.status}`);
}

function goodOne(last: BackupState['last']): string {
  return last && last.lastSuccess > 0
    ? `the last good one is of ${new Date(last.lastSuccess * 1000).toISOString()}, ${last.sizeBytes} bytes`
    : 'there is no good one';
}
