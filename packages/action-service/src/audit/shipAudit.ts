import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool, PoolClient } from 'pg';
import { Counter, Gauge } from 'prom-client';
import type { Base } from '../deps.ts';
import { inTransaction } from '../store/pool.ts';
import { jsonLine } from './auditText.ts';
import { entryColumns, readHead, type ChainLink } from './chain.ts';

/** Advisory lock of whoever delivers to Loki: one replica at a time. */
const deliveryLock = 7_262_025;
const receiver = 'loki';
const batch = 500;
const everyMs = 1000;
const longestPauseMs = 60_000;
const timeoutMs = 5000;

type Parts = Pick<Base, 'store' | 'log' | 'metrics'> & { lokiUrl: string };

/**
 * Delivers the chain to Loki (`POST /loki/api/v1/push`), in its order and at least once: how far it got stands in the store. It
 * tries until Loki takes it, and nothing waits for it. Streams: service="dfr-ops", component="audit" and the entry's kind.
 */
export function startAuditShipper(parts: Parts): { stop(): Promise<void> } {
  const { log, metrics } = parts;
  const failures = new Counter({
    name: 'dfr_ops_audit_delivery_failures_total',
    help: 'Attempts to deliver the audit trail to Loki that failed.',
    registers: [metrics],
  });
  const undelivered = new Gauge({
    name: 'dfr_ops_audit_undelivered_entries',
    help: 'Linked entries of the audit trail that Loki has not had yet.',
    registers: [metrics],
  });
  const ending = new AbortController();
  const run = async () => {
    let pause = everyMs;
    while (!ending.signal.aborted) {
      try {
        const { delivered, left } = await deliverAudit(parts.store, parts.lokiUrl);
        undelivered.set(left);
        pause = everyMs;
        if (delivered === batch) {
          continue;
        }
      } catch (error) {
        failures.inc();
        log.warn({ err: error }, 'the audit trail was not delivered to Loki; it is tried again');
        pause = Math.min(pause * 2, longestPauseMs);
      }
      await sleep(pause, undefined, { ref: false, signal: ending.signal }).catch(() => {});
    }
  };
  const running = run();
  return {
    async stop() {
      ending.abort();
      await running;
    },
  };
}

/** Delivers the next 500 links at most; answers how many, and how many are left. Throws when Loki does not take them. */
export async function deliverAudit(store: Pool, lokiUrl: string): Promise<{ delivered: number; left: number }> {
  return inTransaction(store, async (client) => {
    const lock = await client.query('SELECT pg_try_advisory_xact_lock($1) AS mine', [deliveryLock]);
    const position = await readPosition(client);
    const head = await readHead(client);
    if (!lock.rows[0].mine) {
      return { delivered: 0, left: head.position - position };
    }
    const { rows } = await client.query<ChainLink>(
      `SELECT l.position, ${entryColumns}, l.previous_hash AS "previousHash", l.hash
         FROM audit_links l JOIN audit_events e ON e.seq = l.seq WHERE l.position > $1 ORDER BY l.position LIMIT $2`,
      [position, batch]
    );
    const last = rows.at(-1)?.position;
    if (last !== undefined) {
      await push(lokiUrl, rows);
      await writePosition(client, last);
    }
    return { delivered: rows.length, left: head.position - (last ?? position) };
  });
}

async function readPosition(client: PoolClient): Promise<number> {
  const { rows } = await client.query('SELECT position FROM audit_deliveries WHERE receiver = $1', [receiver]);
  return rows[0]?.position ?? 0;
}

async function writePosition(client: PoolClient, position: number): Promise<void> {
  await client.query(
    `INSERT INTO audit_deliveries (receiver, position) VALUES ($1, $2)
     ON CONFLICT (receiver) DO UPDATE SET position = excluded.position, delivered_at = clock_timestamp()`,
    [receiver, position]
  );
}

async function push(lokiUrl: string, links: readonly ChainLink[]): Promise<void> {
  const first = await post(
    lokiUrl,
    streamsOf(links, (link) => nanosecondsOf(link.at))
  );
  // Loki refuses what is older than its limits; the entry's own time stands in its line.
  const now = BigInt(Date.now()) * 1_000_000n;
  const answer =
    first.status === 400
      ? await post(
          lokiUrl,
          streamsOf(links, (_link, index) => now + BigInt(index))
        )
      : first;
  if (answer.status < 200 || answer.status > 299) {
    throw new Error(`Loki answered ${answer.status}: ${answer.text.slice(0, 200)}`);
  }
}

async function post(lokiUrl: string, streams: object[]): Promise<{ status: number; text: string }> {
  const answer = await fetch(`${lokiUrl.replace(/\/+$/, '')}/loki/api/v1/push`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ streams }),
    signal: AbortSignal.timeout(timeoutMs),
  });
  return { status: answer.status, text: await answer.text() };
}

function streamsOf(links: readonly ChainLink[], stamp: (link: ChainLink, index: number) => bigint): object[] {
  const streams = new Map<string, { stream: Record<string, string>; values: Array<[string, string]> }>();
  for (const [index, link] of links.entries()) {
    const { kind, data, ...rest } = link;
    const stream = streams.get(kind) ?? { stream: { service: 'dfr-ops', component: 'audit', kind }, values: [] };
    streams.set(kind, stream);
    stream.values.push([String(stamp(link, index)), jsonLine({ ...rest, kind, data: JSON.parse(data) }).trimEnd()]);
  }
  return [...streams.values()];
}

function nanosecondsOf(at: string): bigint {
  const [seconds = '', micros = '0'] = at.replace('Z', '').split('.');
  return BigInt(Date.parse(`${seconds}Z`)) * 1_000_000n + BigInt(micros) * 1000n;
}
