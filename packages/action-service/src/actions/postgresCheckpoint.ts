import { z } from 'zod';
import type { EffectVerdict } from '@dfr-ops/contracts';
import { clockTime } from '../clockTime.ts';
import type { PostgresConnector } from '../connectors/postgres.ts';
import { ActionRefused, defineAction, emptyTable, type ActionContext, type Draft, type Narrator } from './action.ts';

const Bounds = z.strictObject({});

interface Snapshot {
  /** Where the last checkpoint stands in the log: a later one stands further on. */
  lsn: string;
}

export const postgresCheckpoint = defineAction<z.infer<typeof Bounds>, Snapshot>({
  id: 'postgres.checkpoint',
  title: 'Write a checkpoint',
  description: 'Has PostgreSQL write what it holds in memory to its files now, at a moment of your choice.',
  kind: 'postgresql',
  target: (names) => names.postgres,
  risk: 'low',
  lock: 'shared',
  deadlineSeconds: 60,
  // A large memory on a slow disk takes minutes.
  effectSeconds: 300,
  cooldownSeconds: 300,
  alerts: ['PostgresCheckpointsForced'],
  mends: true,
  rollback: null,
  rollbackNote: 'Nothing to take back: nothing is changed, only written earlier.',
  bounds: Bounds,
  lacking: ({ postgres }) =>
    postgres ? null : "the service was not told how to reach DFR's PostgreSQL (DFR_POSTGRES_URL)",
  form: async () => [],
  preview,
  run,
  effect,
  async nextStep({ connectors }) {
    const { maxWalSize, checkpointTimeout } = await (connectors.postgres as PostgresConnector).serverState();
    return (
      `Checkpoints are forced when more than max_wal_size (${maxWalSize}) is written within checkpoint_timeout ` +
      `(${checkpointTimeout}): raise max_wal_size, or find what writes so much.`
    );
  },
});

async function preview({ connectors, now }: ActionContext): Promise<Draft<Snapshot>> {
  const state = await (connectors.postgres as PostgresConnector).serverState();
  const last = `the last one began at ${clockTime(new Date(state.checkpointAt))}`;
  const again = state.nextCheckpoint === null ? null : new Date(state.nextCheckpoint);
  return {
    summary: `Would write a checkpoint; ${last}.`,
    statement: 'SELECT dfr_ops.write_checkpoint();',
    affected: emptyTable,
    preconditions: [
      {
        name: 'None was asked for shortly before',
        ok: !again || again <= now(),
        detail:
          again && again > now()
            ? `The database takes the next one from ${clockTime(again)} on.`
            : `As PostgreSQL counts, ${last}.`,
      },
    ],
    warnings: [
      'The disk is busy until it is done; queries may be slower.',
      'It counts as a forced one itself. It helps before a restart, and does not mend what forces them: see max_wal_size.',
    ],
    refusal: null,
    snapshot: { lsn: state.checkpointLsn },
    suggestedReason: last,
  };
}

async function run({ connectors }: ActionContext, _input: unknown, narrator: Narrator): Promise<void> {
  await narrator.step('Asking for a checkpoint');
  const outcome = await (connectors.postgres as PostgresConnector).checkpoint();
  if (outcome === 'too_soon') {
    throw new ActionRefused(
      'The database refused: a checkpoint was asked for shortly before.',
      'Wait for the time that the preview names.'
    );
  }
  await narrator.output(outcome === 'written' ? 'It is written' : 'It goes on; it was not waited for any longer');
}

async function effect({ connectors }: ActionContext, { snapshot }: { snapshot: Snapshot }): Promise<EffectVerdict> {
  const { checkpointLsn, checkpointAt } = await (connectors.postgres as PostgresConnector).serverState();
  return checkpointLsn === snapshot.lsn
    ? { state: 'pending', detail: `The last checkpoint is still that at ${snapshot.lsn}.` }
    : {
        state: 'confirmed',
        detail: `A checkpoint of ${clockTime(new Date(checkpointAt))} stands at ${checkpointLsn} (${snapshot.lsn} before).`,
      };
}
