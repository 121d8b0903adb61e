import { Client, escapeIdentifier } from 'pg';
import { withPassword } from './heldConnection.ts';
import { UnreachableError } from './unreachable.ts';

export interface MaintenanceLogin {
  url: string;
  password: string | null;
}

type TableName = { schema: string; name: string };

/**
 * The opt-in login of provisioning/postgres/dfr-ops-maintenance.sql. Each call opens a connection of its own and closes it, so
 * it does not work when all connections are taken: then UnreachableError.
 */
export interface PostgresMaintenance {
  /** Who it is, and whether that is more than it takes. */
  role(): Promise<{ name: string; superuser: boolean }>;
  /** Why this login may not vacuum the table; null when it may. */
  hindrance(table: TableName): Promise<string | null>;
  /**
   * VACUUM (ANALYZE), never FULL. `notice` gets what the server says meanwhile: of a table that is not one's own it only says so,
   * and succeeds. Waits at most 5 s for the table's lock, and works at most `seconds`.
   */
  vacuumAnalyze(table: TableName, seconds: number, notice: (text: string) => void): Promise<void>;
}

export function vacuumStatement({ schema, name }: TableName): string {
  return `VACUUM (ANALYZE) ${escapeIdentifier(schema)}.${escapeIdentifier(name)}`;
}

// From PostgreSQL 17 on a right of its own; before, the table's owner and the database's.
const mayVacuum = `
  SELECT current_user AS role, CASE
    WHEN c.oid IS NULL THEN NULL
    WHEN pg_has_role(c.relowner, 'USAGE') OR pg_has_role(d.datdba, 'USAGE') THEN true
    WHEN current_setting('server_version_num')::int >= 170000 THEN has_table_privilege(c.oid, 'MAINTAIN')
    ELSE false
  END AS may
  FROM pg_database d
  LEFT JOIN (pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = $1) ON c.relname = $2
  WHERE d.datname = current_database()`;

export function connectMaintenance(login: MaintenanceLogin): PostgresMaintenance {
  const connected = async <T>(seconds: number, work: (client: Client) => Promise<T>): Promise<T> => {
    const client = new Client({
      connectionString: withPassword(login.url, login.password),
      application_name: 'dfr-ops-maintenance',
      connectionTimeoutMillis: 3000,
      statement_timeout: seconds * 1000,
      lock_timeout: 5000,
    });
    client.on('error', () => {});
    try {
      await client.connect();
    } catch (error) {
      throw new UnreachableError(`The maintenance login is not let in: ${(error as Error).message}`, { cause: error });
    }
    try {
      return await work(client);
    } finally {
      await client.end().catch(() => {});
    }
  };
  return {
    role: () =>
      connected(
        5,
        async (client) =>
          (
            await client.query(
              'SELECT rolname AS name, rolsuper AS superuser FROM pg_roles WHERE rolname = current_user'
            )
          ).rows[0]
      ),
    hindrance: (table) =>
      connected(5, async (client) => {
        const { role, may } = (await client.query(mayVacuum, [table.schema, table.name])).rows[0];
        if (may === null) {
          return 'there is no such table';
        }
        return may
          ? null
          : `${role} neither owns it nor may maintain it (provisioning/postgres/dfr-ops-maintenance.sql)`;
      }),
    vacuumAnalyze: (table, seconds, notice) =>
      connected(seconds, async (client) => {
        client.on('notice', ({ message }) => message && notice(message));
        await client.query(vacuumStatement(table));
      }),
  };
}
