import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { logFileOf, rendered, repoRoot, type Context } from './context.ts';
import { PostgresCluster } from './postgresCluster.ts';
import { ensureDatabase, ensureLoginRole } from './postgresRoles.ts';
import { stopStage } from './supervisor.ts';

export const dfrDatabase = 'dfr';
export const serviceDatabase = 'dfr_ops';
export const serviceRole = 'dfr_ops_service';
/** Owns the tables of the service's store and migrates them; the service's own role may not change the audit trail. */
export const storeOwnerRole = 'dfr_ops_owner';

/** DFR's own cluster: what is watched and repaired. */
export function newDfrCluster(context: Context): PostgresCluster {
  const cluster = new PostgresCluster(
    {
      name: 'postgres-dfr',
      folder: context.folders.of('postgres-dfr'),
      port: context.ports.postgresDfr,
      logFile: logFileOf(context, 'postgres-dfr'),
      programs: context.programs,
      superuserPassword: context.secrets.read('postgres-dfr-superuser'),
      settings: {
        max_connections: String(context.values.postgresql.maxConnections),
        cluster_name: 'dfr_postgres_prod',
        log_lock_waits: 'on',
        log_statement: 'none',
      },
      restart: 'none',
    },
    context.reaper
  );
  context.supervisor.add(cluster.process, stopStage.databases);
  return cluster;
}

/** The action service's store: never the database that it repairs. */
export function newServiceCluster(context: Context): PostgresCluster {
  const cluster = new PostgresCluster(
    {
      name: 'postgres-service',
      folder: context.folders.of('postgres-service'),
      port: context.ports.postgresService,
      logFile: logFileOf(context, 'postgres-service'),
      programs: context.programs,
      superuserPassword: context.secrets.read('postgres-service-superuser'),
      settings: { max_connections: '40', shared_buffers: '32MB', cluster_name: 'dfr_ops_store' },
      restart: 'backoff',
    },
    context.reaper
  );
  context.supervisor.add(cluster.process, stopStage.databases);
  return cluster;
}

/** Odoo's role and database, and the roles that monitor, repair and back it up. None is a superuser. */
export async function prepareDfrDatabase(cluster: PostgresCluster, context: Context): Promise<void> {
  const { secrets } = context;
  await cluster.asSuperuser('postgres', async (client) => {
    await ensureLoginRole(client, 'odoo', secrets.read('postgres-odoo'));
    await ensureLoginRole(client, 'dfr_ops', secrets.read('postgres-dfr-ops'));
    await ensureLoginRole(client, 'dfr_ops_maintenance', secrets.read('postgres-dfr-maintenance'));
    await ensureLoginRole(client, 'dfr_monitor', secrets.read('postgres-dfr-monitor'));
    await ensureLoginRole(client, 'dfr_backup', secrets.read('postgres-dfr-backup'));
    await ensureDatabase(client, dfrDatabase, 'odoo');
  });
}

/** Runs rendered SQL files in DFR's database as its superuser; they may be run again and again. */
export async function runDfrSql(cluster: PostgresCluster, context: Context, files: readonly string[]): Promise<void> {
  await cluster.asSuperuser(dfrDatabase, async (client) => {
    for (const file of files) {
      await client.query(readFileSync(rendered(context, file), 'utf8'));
    }
  });
}

export async function prepareServiceStore(cluster: PostgresCluster, context: Context): Promise<void> {
  await cluster.asSuperuser('postgres', async (client) => {
    await ensureLoginRole(client, storeOwnerRole, context.secrets.read('postgres-service-owner'));
    await ensureLoginRole(client, serviceRole, context.secrets.read('postgres-service'));
    await ensureDatabase(client, serviceDatabase, storeOwnerRole);
    // One from before there was an owner was the service's.
    await client.query(`ALTER DATABASE ${serviceDatabase} OWNER TO ${storeOwnerRole}`);
  });
  const takeOver = readFileSync(join(repoRoot, 'docker/postgres/store-owner.sql'), 'utf8');
  await cluster.asSuperuser(serviceDatabase, (client) => client.query(takeOver));
}
