import { z } from 'zod';
import type { EffectVerdict, ParameterSpec, Precondition } from '@dfr-ops/contracts';
import type { PostgresConnector } from '../connectors/postgres.ts';
import { vacuumStatement, type PostgresMaintenance } from '../connectors/postgresMaintenance.ts';
import type { Table } from '../connectors/postgresServer.ts';
import { matchesPattern } from '../policy/policySchema.ts';
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
import { duration } from './sessionWords.ts';

const Bounds = z.strictObject({
  /** `schema.table`, or a beginning followed by *. */
  tables: z.array(z.string().regex(/^[^*]*\*?$/)).default(['public.*']),
  /** It is given up after so long. */
  maxSeconds: z.number().int().min(10).max(7200).default(3600),
});
type Bounds = z.infer<typeof Bounds>;
type Context = ActionContext<Bounds>;

interface Snapshot {
  schema: string;
  name: string;
  /** When it was last vacuumed by hand, ISO 8601; null: never. */
  lastVacuum: string | null;
  deadRows: number;
  maxSeconds: number;
}

const mostChoices = 200;

export const postgresVacuumAnalyze = defineAction<Bounds, Snapshot>({
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
  bounds: Bounds,
  lacking({ postgres }) {
    if (!postgres) {
      return "the service was not told how to reach DFR's PostgreSQL (DFR_POSTGRES_URL)";
    }
    return postgres.maintenance
      ? null
      : 'only the owner of a table, or who may maintain it, can vacuum it, and the service has no such login (DFR_POSTGRES_MAINTENANCE_URL; provisioning/postgres/dfr-ops-maintenance.sql)';
  },
  form,
  preview,
  run,
  effect,
  nextStep,
});

async function allowedTables({ connectors, bounds }: Context): Promise<{ database: string; tables: Table[] }> {
  const { database, tables } = await (connectors.postgres as PostgresConnector).tables();
  const allowed = (table: Table) => bounds.tables.some((pattern) => matchesPattern(pattern, nameOf(table)));
  return { database, tables: tables.filter(allowed) };
}

/** The alert's table is preselected; where it names a database only, the table with the oldest transactions. */
async function form(context: Context): Promise<ParameterSpec[]> {
  const { database, tables } = await allowedTables(context);
  const labels = context.alert?.labels ?? {};
  const here = labels.datname === undefined || labels.datname === database;
  const byAge = context.alert?.name === 'PostgresWraparound';
  const sorted = byAge ? tables.toSorted((one, other) => other.xidAge - one.xidAge) : tables;
  const wanted =
    labels.relname === undefined
      ? sorted[0]
      : tables.find((table) => here && nameOf(table) === `${labels.schemaname ?? 'public'}.${labels.relname}`);
  const offered = [...new Set([...(wanted ? [wanted] : []), ...sorted])].slice(0, mostChoices);
  return [
    {
      name: 'table',
      title: 'Table',
      description: `Of database ${database}, as far as the policy lists it.${here ? '' : ` The alert is about ${labels.datname}, which the service does not reach.`}`,
      type: 'choice',
      required: offered.length > 0,
      default: wanted ? nameOf(wanted) : null,
      min: null,
      max: null,
      unit: null,
      choices: offered.map((table) => ({
        value: nameOf(table),
        label: byAge
          ? `${nameOf(table)}: ${millions(table.xidAge)} transactions old, ${megabytes(table.bytes)}`
          : `${nameOf(table)}: ${table.deadRows} dead of ${table.deadRows + table.liveRows} rows, ${megabytes(table.bytes)}`,
      })),
    },
  ];
}

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

function nothingChosen({ tables }: Bounds, found: number): Draft<Snapshot> {
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

function nameOf({ schema, name }: Pick<Table, 'schema' | 'name'>): string {
  return `${schema}.${name}`;
}

/** The later of two times of one form. */
function newest(one: string | null, other: string | null): string | null {
  return (one ?? '') > (other ?? '') ? one : other;
}

function megabytes(bytes: number | null): string {
  if (bytes === null) {
    return 'size not counted yet';
  }
  return `${(bytes / 1_048_576).toFixed(bytes < 10_485_760 ? 1 : 0)} MB`;
}

function millions(transactions: number): string {
  return `${(transactions / 1_000_000).toFixed(1)} million`;
}
