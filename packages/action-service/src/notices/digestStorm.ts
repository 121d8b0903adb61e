import type { Queryable } from '../store/pool.ts';
import { alertWords } from './smsText.ts';

/** How many SMS go to one number, within how many seconds. */
export type NumberRate = { count: number; seconds: number; publicUrl: string };

type Waiting = {
  id: number;
  recipient: string;
  over: boolean;
  alert_name: string;
  severity: string;
};

/** More than these for one number at one time are a storm: nobody reads so many. */
const AT_ONE_TIME = 5;
const LOOK_AGAIN_SECONDS = 5;
const STRENGTH = `coalesce(array_position(ARRAY['critical', 'high', 'medium', 'warning'], i.labels ->> 'severity'), 5)`;

/**
 * Keeps what is due to each number's rate: the most severe ones go singly, the rest of a storm is told together in one SMS,
 * and what the rate has no room for waits. Within the transaction that then claims what is due.
 */
export async function digestStorm(db: Queryable, rate: NumberRate): Promise<void> {
  const waiting = await waitingByNumber(db);
  for (const [recipient, due] of waiting) {
    let room = rate.count - (await sentLately(db, recipient, rate.seconds));
    for (const over of [false, true]) {
      const same = due.filter((one) => one.over === over);
      const together = Math.min(room, AT_ONE_TIME);
      if (same.length <= together) {
        room -= same.length;
        continue;
      }
      const rest = same.slice(Math.max(0, together - 1));
      room -= same.length - rest.length;
      if (room > 0) {
        await tellTogether(db, recipient, rest, rate.publicUrl);
        room -= 1;
      } else {
        await wait(db, rest);
      }
    }
  }
}

async function waitingByNumber(db: Queryable): Promise<Map<string, Waiting[]>> {
  const { rows } = await db.query<Waiting>(
    `SELECT n.id, n.recipient, n.kind = 'sms_resolved' AS over, i.alert_name, coalesce(i.labels ->> 'severity', 'none') AS severity
     FROM notices n JOIN incidents i ON i.id = n.incident_id
     WHERE n.state = 'queued' AND n.due_at <= clock_timestamp() AND n.kind LIKE 'sms%'
     ORDER BY ${STRENGTH}, n.id FOR UPDATE OF n`
  );
  const numbers = new Map<string, Waiting[]>();
  for (const row of rows) {
    const known = numbers.get(row.recipient);
    if (known) {
      known.push(row);
    } else {
      numbers.set(row.recipient, [row]);
    }
  }
  return numbers;
}

async function sentLately(db: Queryable, recipient: string, seconds: number): Promise<number> {
  const { rows } = await db.query<{ sent: number }>(
    `SELECT count(*)::int AS sent FROM notices WHERE recipient = $1 AND kind LIKE 'sms%' AND digest_id IS NULL
       AND (state = 'sending' OR accepted_at > clock_timestamp() - make_interval(secs => $2))`,
    [recipient, seconds]
  );
  return rows[0]!.sent;
}

async function tellTogether(db: Queryable, recipient: string, rest: Waiting[], publicUrl: string): Promise<void> {
  const text = digestText(rest, rest[0]!.over, publicUrl);
  const ids = rest.map(({ id }) => id);
  const { rows } = await db.query<{ id: number }>(
    `INSERT INTO notices (reference, kind, recipient, text) VALUES ($1, 'sms_digest', $2, $3) RETURNING id`,
    [`digest/${ids[0]}/${recipient}`, recipient, text]
  );
  await db.query(`UPDATE notices SET state = 'digested', digest_id = $2 WHERE id = ANY ($1)`, [ids, rows[0]!.id]);
}

async function wait(db: Queryable, rest: Waiting[]): Promise<void> {
  await db.query(`UPDATE notices SET due_at = clock_timestamp() + make_interval(secs => $2) WHERE id = ANY ($1)`, [
    rest.map(({ id }) => id),
    LOOK_AGAIN_SECONDS,
  ]);
}

/** "CRITICAL OdooDown and 14 more fire: 9 critical, 6 high" and where they are listed. */
export function digestText(
  alerts: Array<{ alert_name: string; severity: string }>,
  over: boolean,
  publicUrl: string
): string {
  const first = alerts[0]!;
  const more = alerts.length - 1;
  const counts = new Map<string, number>();
  for (const { severity } of alerts) {
    counts.set(severity, (counts.get(severity) ?? 0) + 1);
  }
  const listed = [...counts].map(([severity, count]) => `${count} ${severity}`).join(', ');
  const address = `${publicUrl.replace(/\/$/, '')}/a/dfr-ops-app/${over ? 'incidents' : 'alerts'}`;
  const head = over
    ? `RESOLVED ${first.alert_name} and ${more} more: ${listed}`
    : `${first.severity.toUpperCase()} ${first.alert_name} and ${more} more fire: ${listed}`;
  return alertWords(head, address);
}
