import type { Pool } from 'pg';
import type { Freeze, FreezeRequest, Person } from '@dfr-ops/contracts';
import { recordAudit } from '../audit/recordAudit.ts';
import { clockTime } from '../clockTime.ts';
import type { PolicySource } from '../policy/policySource.ts';
import { ProblemError } from '../problem.ts';
import { inTransaction, type Queryable } from '../store/pool.ts';
import { runChannel } from './appendEvent.ts';

/** Announced on the channel of runs in place of a run's id. */
export const freezeNews = 'freeze';

/** The switch by which an Admin freezes all actions for a while; kept in the store, the same for all replicas. */
export interface FreezeSwitch {
  /** As it was read last; what has run out meanwhile holds no more. */
  current(): Freeze | null;
  read(db: Queryable): Promise<void>;
  /** Throws 403 for anybody but an Admin. A new freeze takes the place of the former. */
  freeze(person: Person, request: FreezeRequest): Promise<Freeze>;
  thaw(person: Person): Promise<void>;
}

export function createFreezeSwitch(store: Pool, now: () => Date): FreezeSwitch {
  let known: Freeze | null = null;
  const read = async (db: Queryable) => {
    const { rows } = await db.query(
      `SELECT * FROM freezes WHERE ended_at IS NULL AND until > clock_timestamp() ORDER BY seq DESC LIMIT 1`
    );
    known = rows[0] ? freezeOfRow(rows[0]) : null;
  };
  const end = (db: Queryable, login: string) =>
    db.query('UPDATE freezes SET ended_at = clock_timestamp(), ended_by = $1 WHERE ended_at IS NULL', [login]);
  const change = async (person: Person, work: (db: Queryable) => Promise<void>) => {
    demandAdmin(person);
    await inTransaction(store, async (client) => {
      await work(client);
      await client.query('SELECT pg_notify($1, $2)', [runChannel, freezeNews]);
    });
    await read(store);
  };
  return {
    current: () => (known && Date.parse(known.until ?? '') > now().getTime() ? known : null),
    read,
    async freeze(person, { reason, minutes }) {
      await change(person, async (db) => {
        await end(db, person.login);
        await db.query(
          `INSERT INTO freezes (reason, frozen_by, until) VALUES ($1, $2, clock_timestamp() + make_interval(mins => $3))`,
          [reason, person.login, minutes]
        );
        await recordAudit(db, {
          actor: person.login,
          kind: 'actions.frozen',
          subject: 'actions',
          data: { reason, minutes },
        });
      });
      return known as unknown as Freeze;
    },
    thaw: (person) =>
      change(person, async (db) => {
        const { rowCount } = await end(db, person.login);
        if (rowCount) {
          await recordAudit(db, { actor: person.login, kind: 'actions.thawed', subject: 'actions', data: {} });
        }
      }),
  };
}

/** The policy with the switch before it: frozen by either is frozen. */
export function withFreezeSwitch(policy: PolicySource, freezes: Pick<FreezeSwitch, 'current'>): PolicySource {
  const freeze = () => policy.freeze() ?? freezes.current();
  return { ...policy, freeze, frozen: () => freeze()?.why ?? null };
}

function freezeOfRow(row: { reason: string; frozen_by: string; frozen_at: Date; until: Date }): Freeze {
  return {
    source: 'switch',
    why: `${row.frozen_by} has frozen all actions until ${clockTime(row.until)}: ${row.reason}`,
    by: row.frozen_by,
    since: row.frozen_at.toISOString(),
    until: row.until.toISOString(),
  };
}

function demandAdmin(person: Person): void {
  if (person.role !== 'Admin') {
    throw new ProblemError(403, {
      code: 'not_admin',
      what: 'The request was refused, nothing was changed.',
      why: `${person.login} has the role ${person.role} in Grafana, and freezing actions takes Admin.`,
      todo: 'Ask an Admin.',
    });
  }
}
