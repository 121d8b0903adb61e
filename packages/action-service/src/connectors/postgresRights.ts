import type { Ask } from './heldConnection.ts';

/** What the roles of DFR's PostgreSQL may do. Null where there is no such role. */
export interface Rights {
  role: string;
  superuser: boolean;
  /** Functions of schema dfr_ops that this role needs and may not call, or that are not there. */
  lacking: string[];
  /** Role `dfr_monitor`: whether it is a superuser, and whether it has pg_monitor. */
  monitor: { superuser: boolean; pgMonitor: boolean } | null;
  /** The database's owner, who is Odoo's role; -1: no limit of connections. */
  owner: { name: string; superuser: boolean; connectionLimit: number };
  maxConnections: number;
  /** The server's clock, ms since 1970. */
  now: number;
}

const needed = [
  'dfr_ops.sessions()',
  'dfr_ops.connection_headroom()',
  'dfr_ops.terminate_idle(jsonb, interval, int)',
  'dfr_ops.activity()',
  'dfr_ops.cancel_query(int, timestamptz, timestamptz)',
  'dfr_ops.terminate_session(int, timestamptz, timestamptz)',
  'dfr_ops.server_state()',
  'dfr_ops.write_checkpoint()',
  'dfr_ops.config_errors()',
  'dfr_ops.config_changes()',
  'dfr_ops.reload_conf()',
  'dfr_ops.tables()',
];

const rightsQuery = `
  SELECT json_build_object(
    'role', current_user,
    'superuser', (SELECT rolsuper FROM pg_roles WHERE rolname = current_user),
    'lacking', (
      SELECT coalesce(json_agg(name), '[]') FROM unnest($1::text[]) AS name
      WHERE NOT coalesce(has_schema_privilege(to_regnamespace('dfr_ops')::oid, 'USAGE'), false)
         OR NOT coalesce(has_function_privilege(to_regprocedure(name), 'EXECUTE'), false)
    ),
    'monitor', (
      SELECT json_build_object('superuser', rolsuper, 'pgMonitor', pg_has_role(oid, 'pg_monitor', 'MEMBER'))
      FROM pg_roles WHERE rolname = 'dfr_monitor'
    ),
    'owner', (
      SELECT json_build_object('name', rolname, 'superuser', rolsuper, 'connectionLimit', rolconnlimit)
      FROM pg_roles WHERE oid = (SELECT datdba FROM pg_database WHERE datname = current_database())
    ),
    'maxConnections', current_setting('max_connections')::int,
    'now', extract(epoch FROM clock_timestamp()) * 1000
  ) AS rights`;

export function rightsCall(ask: Ask): () => Promise<Rights> {
  return async () => (await ask(rightsQuery, [needed]))[0].rights;
}
