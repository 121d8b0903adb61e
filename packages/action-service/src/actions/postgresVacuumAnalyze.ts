import type { EffectVerdict, Precondition } from '@dfr-ops/contracts';
import type { PostgresConnector } from '../connectors/postgres.ts';
import { vacuumStatement, type PostgresMaintenance } from '../connectors/postgresMaintenance.ts';
import type { Table } from '../connectors/postgresServer.ts';
import {
  defineAction,
  emptyTable,
  type ActionContext,
  type Draft,
  type Narrator,
  type Parameters,
  type RunInput,
} from './action.ts';
import { ageOf, whose } from './chooseSession.ts';
import { allowedTables, megabytes, millions, nameOf, TableBounds, tableForm } from './chooseTable.ts';
import { duration } from './sessionWords.ts';

type Context = ActionContext<TableBounds>;

interface Snapshot {
  schema: string;
  name: string;
  /** When it was last vacuumed by hand, ISO 8601; null: never. */
  lastVacuum: string | null;
  deadRows: number;
  maxSeconds: number;
}

export const postgresVacuumAnalyze = defineAction<TableBounds, Snapshot>({
  id: 'postgres.vacuum-analyze',
  title: 'Vacuum a table',
  description:
    'Clears dead rows of one table away and counts its contents anew. People go on working; never VACUUM FULL.',
  kind: 'postgresql',
  target: (names) => names.postgres,
  risk: 'low',
  lock: 'shared',
  deadlineSeconds: 7230,
  effectSeconds: 10,
  cooldownSeconds: 60,
  alerts: ['PostgresDeadTuples', 'PostgresWraparound'],
  mends: true,
  rollback: null,
  rollbackNote: 'Nothing to take back: what is cleared away nobody could see any more.',
  bounds: TableBounds,
  lacking({ postgres }) {
    if (!postgres) {
      return "the service was not told how to reach DFR's PostgreSQL (DFR_POSTGRES_URL)";
    }
    return postgres.maintenance
      ? null
      : 'only the owner of a table, or who may maintain it, can vacuum it, and the service has no such login (DFR_POSTGRES_MAINTENANCE_URL; provisioning/postgres/dfr-ops-maintenance.sql)';
  },
  form: tableForm,
  preview,
  run,
  effect,
  nextStep,
});

async function preview(context: Context, parameters: Parameters): Promise<Draft<Snapshot>> {
  const { tables } = await allowedTables(context);
  const table = tables.find((one) => nameOf(one) === parameters.table);
  if (!table) {
    return nothingChosen(context.bounds, tables.length);
  }
  const last = newest(table.lastVacuum, table.lastAutovacuum) ?? 'never, as far as PostgreSQL counts';
  const dead = `${table.deadRows} dead of ${table.deadRows + table.liveRows} rows`;
  return {
    summary: `Would vacuum and analyze ${nameOf(table)}: ${dead}, ${megabytes(table.bytes)}. People go on working.`,
    statement: `${vacuumStatement(table)};`,
    affected: {
      columns: ['table', 'dead rows', 'live rows', 'size', 'transactions old', 'last vacuum'],
      rows: [
        [
          nameOf(table),
          String(table.deadRows),
          String(table.liveRows),
          megabytes(table.bytes),
          millions(table.xidAge),
          last,
        ],
      ],
      total: 1,
    },
    preconditions: await preconditionsFor(context, table),
    warnings: [...(await holdingBack(context)), 'The disk is busier until it is done.'],
    refusal: null,
    snapshot: {
      schema: table.schema,
      name: table.name,
      lastVacuum: table.lastVacuum,
      deadRows: table.deadRows,
      maxSeconds: context.bounds.maxSeconds,
    },
    suggestedReason: `${nameOf(table)}: ${dead}`,
  };
}

function nothingChosen({ tables }: TableBounds, found: number): Draft<Snapshot> {
  return {
    summary: 'Would vacuum nothing: no table was chosen.',
    statement: '',
    affected: emptyTable,
    preconditions: [],
    warnings: [],
    refusal: {
      why: found > 0 ? 'No table was chosen.' : `No table fits ${tables.join(', ')} in this database.`,
      todo: found > 0 ? 'Choose one.' : "Have it listed in the policy's bounds, or vacuum it by hand as its owner.",
    },
    snapshot: { schema: '', name: '', lastVacuum: null, deadRows: 0, maxSeconds: 0 },
    suggestedReason: '',
  };
}

async function preconditionsFor({ connectors }: Context, table: Table): Promise<Precondition[]> {
  const maintenance = (connectors.postgres as PostgresConnector).maintenance as PostgresMaintenance;
  const hindrance = await maintenance.hindrance(table).catch((error: Error) => error.message);
  return [
    {
      name: 'No VACUUM is at work on it',
      ok: table.vacuumPid === null,
      detail: table.vacuumPid === null ? 'None is seen.' : `pid ${table.vacuumPid} is: wait for it.`,
    },
    {
      name: 'The maintenance login may vacuum it',
      ok: hindrance === null,
      detail: hindrance === null ? 'It owns the table, or may maintain it.' : `${hindrance}.`,
    },
    {
      name: 'There is room on the disk',
      ok: true,
      detail:
        `not looked at, since PostgreSQL cannot tell. A plain VACUUM makes no copy of the table (${megabytes(table.bytes)}), ` +
        'it only writes to the log; while LowDiskSpace fires, make room first.',
    },
  ];
}

/** Rows that an open transaction may still see are not cleared away. */
async function holdingBack({ connectors }: Context): Promise<string[]> {
  const activities = await (connectors.postgres as PostgresConnector).activity();
  const oldest = activities.find(({ xactSeconds }) => xactSeconds !== null && xactSeconds >= 60);
  return oldest
    ? [
        `A transaction has been open for ${duration(ageOf(oldest))} (pid ${oldest.pid}, ${whose(oldest)}, ${oldest.state}): ` +
          'what died since it began cannot be cleared away before it ends.',
      ]
    : [];
}

async function run({ connectors }: Context, { snapshot }: RunInput<Snapshot>, narrator: Narrator): Promise<void> {
  const maintenance = (connectors.postgres as PostgresConnector).maintenance as PostgresMaintenance;
  await narrator.step(vacuumStatement(snapshot));
  const said: string[] = [];
  try {
    await maintenance.vacuumAnalyze(snapshot, snapshot.maxSeconds, (text) => said.push(text));
  } finally {
    for (const text of said) {
      await narrator.output(text);
    }
  }
}

async function effect({ connectors }: Context, { snapshot }: RunInput<Snapshot>): Promise<EffectVerdict> {
  const { tables } = await (connectors.postgres as PostgresConnector).tables();
  const table = tables.find((one) => one.schema === snapshot.schema && one.name === snapshot.name);
  if (!table) {
    return { state: 'not_confirmed', detail: `There is no table ${nameOf(snapshot)} any more.` };
  }
  const rows = `${table.deadRows} dead rows (${snapshot.deadRows} before)`;
  return newest(table.lastVacuum, snapshot.lastVacuum) === snapshot.lastVacuum
    ? { state: 'pending', detail: `${nameOf(table)} was not vacuumed: PostgreSQL counts no new VACUUM; ${rows}.` }
    : { state: 'confirmed', detail: `${nameOf(table)} was vacuumed at ${table.lastVacuum}; ${rows}.` };
}

async function nextStep(context: Context): Promise<string> {
  const [held] = await holdingBack(context);
  return held
    ? `${held} End that one (postgres.terminate-session), then vacuum again.`
    : 'It was vacuumed and the alert goes on: look for a replication slot that nobody reads, or a prepared transaction; see the runbook.';
}

/** The later of two times of one form. */
function newest(one: string | null, other: string | null): string | null {
  return (one ?? '') > (other ?? '') ? one : other;
}
