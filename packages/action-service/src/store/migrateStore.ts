import pg, { type Pool } from 'pg';
import type { Logger } from 'pino';
import { migrate } from './migrate.ts';
import { createPool } from './pool.ts';

/** Tables whose rows the service only adds. */
const addOnly = ['audit_events', 'audit_links'];
/** Tables that only their owner writes. */
const readOnly = ['audit_segments', 'migrations'];

/**
 * Migrates the store as the owner of its tables and gives the service's role (of `store`) what it needs: everything but to
 * change or delete the audit trail. Without a `migrateUrl` the service's own role owns the tables; then only triggers protect it.
 */
export async function migrateStore(store: Pool, migrateUrl: string | null, log: Logger): Promise<string[]> {
  if (migrateUrl === null) {
    return migrate(store);
  }
  const owner = createPool(migrateUrl, log);
  try {
    const applied = await migrate(owner);
    const { rows } = await store.query('SELECT current_user AS role');
    await grantService(owner, rows[0].role);
    return applied;
  } finally {
    await owner.end();
  }
}

async function grantService(owner: Pool, role: string): Promise<void> {
  const service = pg.escapeIdentifier(role);
  // One message, so one transaction: between the statements the service would have no right or one too many.
  await owner.query(`
    GRANT USAGE ON SCHEMA public TO ${service};
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${service};
    GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO ${service};
    REVOKE UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON ${addOnly.join(', ')} FROM ${service};
    REVOKE INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON ${readOnly.join(', ')} FROM ${service};
  `);
}
