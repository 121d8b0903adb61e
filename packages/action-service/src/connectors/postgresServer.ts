import type { Ask } from './heldConnection.ts';
import { isoTime } from './postgresTime.ts';

/** Times are ISO 8601 with microseconds. */
export interface ServerState {
  started: string;
  /** When this session read the configuration last. */
  confLoaded: string;
  checkpointLsn: string;
  checkpointAt: string;
  inRecovery: boolean;
  /** Copies of the data folder that are being taken. */
  baseBackups: number;
  /** Before this the database refuses another one; null when none was asked for yet. */
  nextCheckpoint: string | null;
  nextReload: string | null;
  maxWalSize: string;
  checkpointTimeout: string;
}

export interface ConfigError {
  file: string | null;
  line: number | null;
  name: string | null;
  error: string;
}

/** Values are null for texts, which may hold a password. */
export interface ConfigChange {
  name: string;
  now: string | null;
  inFile: string | null;
  place: string;
  /** Reading the file anew does not put it into force. */
  takesRestart: boolean;
}

export interface Table {
  schema: string;
  name: string;
  /** As VACUUM or ANALYZE counted it last, without its indexes; null: neither has yet. */
  bytes: number | null;
  liveRows: number;
  deadRows: number;
  xidAge: number;
  lastVacuum: string | null;
  lastAutovacuum: string | null;
  /** Process that vacuums it now. */
  vacuumPid: number | null;
}

/** What the outcomes mean stands in provisioning/postgres/dfr-ops.sql. */
export interface ServerCalls {
  serverState(): Promise<ServerState>;
  checkpoint(): Promise<'written' | 'too_soon' | 'not_awaited'>;
  configErrors(): Promise<ConfigError[]>;
  configChanges(): Promise<ConfigChange[]>;
  reloadConf(): Promise<'asked' | 'too_soon' | 'errors'>;
  /** Name of the database that is served, and its tables: those with most dead rows first. */
  tables(): Promise<{ database: string; tables: Table[] }>;
}

export function serverCalls(ask: Ask): ServerCalls {
  return {
    serverState: async () =>
      (
        await ask(
          `SELECT ${isoTime('started')} AS started, ${isoTime('conf_loaded')} AS "confLoaded",
                  checkpoint_lsn AS "checkpointLsn", ${isoTime('checkpoint_at')} AS "checkpointAt",
                  in_recovery AS "inRecovery", base_backups AS "baseBackups",
                  ${isoTime('next_checkpoint')} AS "nextCheckpoint", ${isoTime('next_reload')} AS "nextReload",
                  max_wal_size AS "maxWalSize", checkpoint_timeout AS "checkpointTimeout"
             FROM dfr_ops.server_state()`
        )
      )[0],
    checkpoint: async () => (await ask('SELECT dfr_ops.write_checkpoint() AS outcome'))[0].outcome,
    configErrors: () => ask('SELECT file, line, name, error FROM dfr_ops.config_errors()'),
    configChanges: () =>
      ask(
        'SELECT name, now_value AS now, file_value AS "inFile", place, takes_restart AS "takesRestart" FROM dfr_ops.config_changes()'
      ),
    reloadConf: async () => (await ask('SELECT dfr_ops.reload_conf() AS outcome'))[0].outcome,
    tables: async () => {
      const rows = await ask(
        `SELECT current_database() AS database, t.schema_name AS schema, t.table_name AS name, t.bytes::float8 AS bytes,
                live_rows::float8 AS "liveRows", dead_rows::float8 AS "deadRows", xid_age AS "xidAge",
                ${isoTime('last_vacuum')} AS "lastVacuum", ${isoTime('last_autovacuum')} AS "lastAutovacuum",
                vacuum_pid AS "vacuumPid"
           FROM dfr_ops.tables() t`
      );
      return { database: rows[0]?.database ?? '', tables: rows };
    },
  };
}
