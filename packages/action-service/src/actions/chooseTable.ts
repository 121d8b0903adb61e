import { z } from 'zod';
import type { ParameterSpec } from '@dfr-ops/contracts';
import type { PostgresConnector } from '../connectors/postgres.ts';
import type { Table } from '../connectors/postgresServer.ts';
import { matchesPattern } from '../policy/policySchema.ts';
import type { ActionContext } from './action.ts';

export const TableBounds = z.strictObject({
  /** `schema.table`, or a beginning followed by *. */
  tables: z.array(z.string().regex(/^[^*]*\*?$/)).default(['public.*']),
  /** It is given up after so long. */
  maxSeconds: z.number().int().min(10).max(7200).default(3600),
});
export type TableBounds = z.infer<typeof TableBounds>;

const mostChoices = 200;

/** Tables of the database that the policy lists and that there are. */
export async function allowedTables({
  connectors,
  bounds,
}: ActionContext<TableBounds>): Promise<{ database: string; tables: Table[] }> {
  const { database, tables } = await (connectors.postgres as PostgresConnector).tables();
  const allowed = (table: Table) => bounds.tables.some((pattern) => matchesPattern(pattern, nameOf(table)));
  return { database, tables: tables.filter(allowed) };
}

/** The alert's table is preselected; where it names a database only, the table with the oldest transactions. */
export async function tableForm(context: ActionContext<TableBounds>): Promise<ParameterSpec[]> {
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

export function nameOf({ schema, name }: Pick<Table, 'schema' | 'name'>): string {
  return `${schema}.${name}`;
}

export function megabytes(bytes: number | null): string {
  if (bytes === null) {
    return 'size not counted yet';
  }
  return `${(bytes / 1_048_576).toFixed(bytes < 10_485_760 ? 1 : 0)} MB`;
}

export function millions(transactions: number): string {
  return `${(transactions / 1_000_000).toFixed(1)} million`;
}
