import { holdConnection, type HeldConnectionOptions } from './heldConnection.ts';
import { connectMaintenance, type MaintenanceLogin, type PostgresMaintenance } from './postgresMaintenance.ts';
import { rightsCall, type Rights } from './postgresRights.ts';
import { serverCalls, type ServerCalls } from './postgresServer.ts';
import { sessionCalls, type SessionCalls } from './postgresSessions.ts';

/** What is asked of DFR's PostgreSQL, by the functions of provisioning/postgres/dfr-ops.sql alone. */
export interface PostgresConnector extends SessionCalls, ServerCalls {
  /** Reads the catalogue only. */
  rights(): Promise<Rights>;
  /** The login that may vacuum tables; null where the installation has none. */
  maintenance: PostgresMaintenance | null;
  /** Why there is no connection now; null while there is one. */
  trouble(): string | null;
  close(): Promise<void>;
}

export interface PostgresOptions extends HeldConnectionOptions {
  maintenance?: MaintenanceLogin | null;
}

/** All calls share the connection that is held, and wait for nothing: without it they throw UnreachableError. */
export function connectPostgres({ maintenance, ...options }: PostgresOptions): PostgresConnector {
  const { ask, trouble, close } = holdConnection(options);
  return {
    ...sessionCalls(ask),
    ...serverCalls(ask),
    rights: rightsCall(ask),
    maintenance: maintenance ? connectMaintenance(maintenance) : null,
    trouble,
    close,
  };
}
