import type { ScratchStore } from './startStore.ts';

/** An owner of the store's tables and a service's role that is none, as the launcher and compose set them up; an empty database. */
export async function makeStoreRoles(store: ScratchStore): Promise<{ ownerUrl: string; serviceUrl: string }> {
  const name = `roles_${process.pid}`;
  await store.pool.query('CREATE ROLE dfr_ops_owner LOGIN');
  await store.pool.query('CREATE ROLE dfr_ops_service LOGIN');
  await store.pool.query(`CREATE DATABASE ${name} OWNER dfr_ops_owner`);
  await store.pool.query(`GRANT CREATE ON DATABASE ${name} TO dfr_ops_service`);
  const at = (role: string) => store.databaseUrl.replace('//postgres@/postgres', `//${role}@/${name}`);
  return { ownerUrl: at('dfr_ops_owner'), serviceUrl: at('dfr_ops_service') };
}
