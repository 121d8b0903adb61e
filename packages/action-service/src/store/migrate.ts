import { readdir, readFile } from 'node:fs/promises';
import type { Pool } from 'pg';

const folder = new URL('./migrations/', import.meta.url);
/** Any constant: two replicas that start together migrate one after the other. */
const migrationLock = 7262023;

/**
 * Applies the numbered SQL files that the store has not had yet, in the order of their numbers, each in its own
 * transaction. Returns the names applied. Throws with the file's name when one fails; those before it stay applied.
 */
export async function migrate(pool: Pool): Promise<string[]> {
  const files = (await readdir(folder)).filter((name) => /^\d{4}_.+\.sql$/.test(name)).sort();
  const client = await pool.connect();
  const applied: string[] = [];
  let broken: Error | undefined;
  try {
    await client.query('SELECT pg_advisory_lock($1)', [migrationLock]);
    await client.query(
      'CREATE TABLE IF NOT EXISTS migrations (number int PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())'
    );
    const known = new Set(
      (await client.query('SELECT number FROM migrations')).rows.map((row) => row.number as number)
    );
    for (const name of files.filter((file) => !known.has(Number(file.slice(0, 4))))) {
      const sql = await readFile(new URL(name, folder), 'utf8');
      try {
        await client.query('BEGIN');
        await client.query(sql);
        await client.query('INSERT INTO migrations (number, name) VALUES ($1, $2)', [Number(name.slice(0, 4)), name]);
        await client.query('COMMIT');
      } catch (error) {
        await client.query('ROLLBACK').catch(() => {});
        throw new Error(`The store's migration ${name} failed: ${(error as Error).message}`, { cause: error });
      }
      applied.push(name);
    }
    await client.query('SELECT pg_advisory_unlock_all()');
    return applied;
  } catch (error) {
    // Its session goes, and with it the lock, whatever state it is in.
    broken = error as Error;
    throw error;
  } finally {
    client.release(broken);
  }
}
