import { z } from 'zod';
import type { EffectVerdict } from '@dfr-ops/contracts';
import { clockTime } from '../clockTime.ts';
import type { PostgresConnector } from '../connectors/postgres.ts';
import type { ConfigChange, ConfigError } from '../connectors/postgresServer.ts';
import { ActionRefused, defineAction, type ActionContext, type Draft, type Narrator } from './action.ts';
import { plural } from './sessionWords.ts';

const Bounds = z.strictObject({});

interface Snapshot {
  /** When the configuration was read last, ISO 8601. */
  confLoaded: string;
}

export const postgresReloadConf = defineAction<z.infer<typeof Bounds>, Snapshot>({
  id: 'postgres.reload-conf',
  title: "Read PostgreSQL's configuration anew",
  description: 'Has PostgreSQL read postgresql.conf and pg_hba.conf again. Nobody is disconnected.',
  kind: 'postgresql',
  target: (names) => names.postgres,
  risk: 'low',
  lock: 'exclusive',
  deadlineSeconds: 30,
  effectSeconds: 15,
  cooldownSeconds: 300,
  alerts: [],
  mends: false,
  rollback: null,
  rollbackNote: 'Put the former lines back into the file, then read it anew again.',
  bounds: Bounds,
  lacking: ({ postgres }) =>
    postgres ? null : "the service was not told how to reach DFR's PostgreSQL (DFR_POSTGRES_URL)",
  form: async () => [],
  preview,
  run,
  effect,
  async nextStep() {
    return "PostgreSQL reads its configuration and the alert goes on: see the alert's runbook.";
  },
});

async function preview({ connectors, now }: ActionContext): Promise<Draft<Snapshot>> {
  const postgres = connectors.postgres as PostgresConnector;
  const [state, errors, changes] = await Promise.all([
    postgres.serverState(),
    postgres.configErrors(),
    postgres.configChanges(),
  ]);
  const again = state.nextReload === null ? null : new Date(state.nextReload);
  const inForce = changes.filter(({ takesRestart }) => !takesRestart);
  const since = `it was read at ${clockTime(new Date(state.confLoaded))}`;
  return {
    summary:
      inForce.length > 0
        ? `Would put ${plural(inForce.length, 'setting')} into force; ${since}.`
        : `Would read the configuration anew; no setting differs as it is written, ${since}.`,
    statement: 'SELECT dfr_ops.reload_conf();',
    affected: {
      columns: ['setting', 'now', 'in the file', 'place'],
      rows: changes.slice(0, 100).map(rowOf),
      total: changes.length,
    },
    preconditions: [
      {
        name: 'The files have no errors',
        ok: errors.length === 0,
        detail:
          errors.length === 0 ? 'PostgreSQL reads every line.' : `${errors.slice(0, 5).map(errorWords).join('; ')}.`,
      },
      {
        name: 'It was not asked for shortly before',
        ok: !again || again <= now(),
        detail:
          again && again > now()
            ? `The database takes the next one from ${clockTime(again)} on.`
            : `As far as the database knows: ${since}.`,
      },
    ],
    warnings: [
      ...changes
        .filter(({ takesRestart }) => takesRestart)
        .map(({ name }) => `${name} takes a restart: reading the file does not put it into force.`),
      'Rules of access (pg_hba.conf) are read too; they hold for new connections.',
    ],
    refusal: null,
    snapshot: { confLoaded: state.confLoaded },
    suggestedReason: inForce.map(({ name }) => name).join(', '),
  };
}

function rowOf({ name, now, inFile, place }: ConfigChange): string[] {
  const hidden = '(a text, not shown)';
  return [name, now ?? hidden, inFile ?? hidden, place];
}

/** "postgresql.conf:12 work_mem: setting could not be applied" */
export function errorWords({ file, line, name, error }: ConfigError): string {
  return `${file ?? ''}:${line ?? ''}${name ? ` ${name}` : ''}: ${error}`;
}

async function run({ connectors }: ActionContext, _input: unknown, narrator: Narrator): Promise<void> {
  const postgres = connectors.postgres as PostgresConnector;
  await narrator.step('Asking PostgreSQL to read its configuration');
  const outcome = await postgres.reloadConf();
  if (outcome === 'errors') {
    const errors = await postgres.configErrors();
    throw new ActionRefused(
      `The database refused, since a file has errors: ${errors.slice(0, 5).map(errorWords).join('; ')}.`,
      'Correct the lines named, then preview again.'
    );
  }
  if (outcome === 'too_soon') {
    throw new ActionRefused(
      'The database refused: it was asked for shortly before.',
      'Wait for the time that the preview names.'
    );
  }
  await narrator.output('PostgreSQL was asked');
}

async function effect({ connectors }: ActionContext, { snapshot }: { snapshot: Snapshot }): Promise<EffectVerdict> {
  const { confLoaded } = await (connectors.postgres as PostgresConnector).serverState();
  const at = clockTime(new Date(confLoaded));
  return confLoaded > snapshot.confLoaded
    ? { state: 'confirmed', detail: `The configuration was read at ${at}.` }
    : { state: 'pending', detail: `The configuration was read at ${at}, and not since.` };
}
