import pg from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cause } from './cause.ts';
import type { Reach } from './reach.ts';
import type { Undo } from './undo.ts';

const table = 'drill_rows';
const waiting = 'dfr-drill-waiting';

/** Sessions that wait, hold, and get in each other's way. */
export const postgresSessions: Cause = {
  name: 'sessions that hold and wait',
  async begin(reach, undo) {
    const admin = await reach.connect('superuser', undo);
    undo.push(() => admin.query(`DROP TABLE IF EXISTS drill_locks`));
    await admin.query('DROP TABLE IF EXISTS drill_locks; CREATE TABLE drill_locks (id int PRIMARY KEY, n int)');
    await admin.query('INSERT INTO drill_locks VALUES (1, 0), (2, 0); GRANT ALL ON drill_locks TO PUBLIC');
    await deadlocks(reach, undo, 2);
    const holder = await reach.connect('odoo', undo);
    await holder.query('BEGIN');
    await holder.query('UPDATE drill_locks SET n = n + 1 WHERE id = 1');
    for (let i = 0; i < 3; i++) {
      const blocked = await reach.connect('odoo', undo, waiting);
      void blocked.query('UPDATE drill_locks SET n = n + 1 WHERE id = 1').catch(() => {});
    }
    const long = await reach.connect('odoo', undo, waiting);
    void long.query('SELECT pg_sleep(60)').catch(() => {});
    undo.push(() =>
      admin.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE application_name = '${waiting}'`
      )
    );
  },
  seen: [
    'dfr:postgres_deadlocks:count',
    'dfr:postgres_blocked:count > 2',
    'dfr:postgres_idle_in_transaction:seconds > 3',
    'dfr:postgres_transaction:seconds > 3',
  ],
};

/** Two sessions take two rows, each in the other's order. PostgreSQL ends one of them after a second. */
async function deadlocks(reach: Reach, undo: Undo, count: number): Promise<void> {
  const [one, other] = await Promise.all([reach.connect('odoo', undo), reach.connect('odoo', undo)]);
  for (let i = 0; i < count; i++) {
    const take = (client: pg.Client, id: number) =>
      client.query('UPDATE drill_locks SET n = n + 1 WHERE id = $1', [id]);
    await Promise.all([one.query('BEGIN'), other.query('BEGIN')]);
    await Promise.all([take(one, 1), take(other, 2)]);
    await Promise.allSettled([take(one, 2), take(other, 1)]);
    await Promise.all([one.query('ROLLBACK'), other.query('ROLLBACK')]);
  }
}

/** Heavy work: transactions that are rolled back, dead rows, blocks from disk and from memory, forced checkpoints. */
export const postgresLoad: Cause = {
  name: 'heavy work of PostgreSQL',
  async begin(reach, undo) {
    const admin = await reach.connect('superuser', undo);
    undo.push(() => admin.query(`DROP TABLE IF EXISTS ${table}`));
    await admin.query(`DROP TABLE IF EXISTS ${table}`);
    await admin.query(
      `CREATE TABLE ${table} WITH (autovacuum_enabled = off) AS SELECT n, repeat('x', 500) AS x FROM generate_series(1, 40000) AS n`
    );
    await admin.query(`DELETE FROM ${table} WHERE n % 2 = 0`);
    for (let i = 0; i < 4; i++) {
      await admin.query(`UPDATE ${table} SET n = n WHERE n = 1`);
      await admin.query('CHECKPOINT');
    }
    for (let i = 0; i < 160 && !reach.signal.aborted; i++) {
      await admin.query(`SELECT count(*) FROM ${table}`);
    }
    await rollBack(reach, undo, 1500);
  },
  seen: [
    'dfr:postgres_rollback:share',
    'dfr:postgres_dead_tuples:share',
    'dfr:postgres_cache_hit:share',
    'dfr:postgres_checkpoints_forced:count > 2',
  ],
};

async function rollBack(reach: Reach, undo: Undo, count: number): Promise<void> {
  const client = await reach.connect('odoo', undo);
  for (let i = 0; i < count && !reach.signal.aborted; i++) {
    await client.query('BEGIN; SELECT 1; ROLLBACK');
  }
}

/** Logins that PostgreSQL refuses: a line FATAL each. */
export const postgresRefusals: Cause = {
  name: 'logins that PostgreSQL refuses',
  async begin(reach) {
    const { host, port, database, user } = reach.stack.databases.odoo;
    for (let i = 0; i < 6; i++) {
      const client = new pg.Client({ host, port, database, user, password: 'wrong' });
      client.on('error', () => {});
      await client.connect().then(
        () => client.end(),
        () => {}
      );
      await sleep(20);
    }
  },
  seen: ['dfr:postgres_fatal:count'],
};
