import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Connections } from './connections.ts';

const text = (name: string) => readFileSync(join(import.meta.dirname, name), 'utf8');
// Any number of our own: two Odoos that start at once do not meet in CREATE TABLE.
const LOCK = 18_069;
const ADMIN_ID = 2;

/** Makes the tables and their first rows where they are missing. May be run at every start. */
export async function prepareDatabase(connections: Connections, adminLogin: string): Promise<void> {
  await connections.transaction(async (client) => {
    await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
    await client.query("SET LOCAL client_min_messages = 'warning'");
    await client.query(text('schema.sql'));
    await client.query('INSERT INTO res_users (id, login) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
      ADMIN_ID,
      adminLogin,
    ]);
    await client.query(text('seed.sql'));
    await client.query("SELECT setval('res_users_id_seq', (SELECT max(id) FROM res_users))");
  });
}
