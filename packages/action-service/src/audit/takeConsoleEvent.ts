import type { ConsoleEvent } from '@dfr-ops/contracts';
import type { Pool } from 'pg';
import { queueConsoleNotices, type ConsoleRecipients } from '../notices/consoleNotice.ts';
import { inTransaction } from '../store/pool.ts';
import { recordAudit } from './recordAudit.ts';

/** Audits an event of the console and queues what the others are told of it; one that was taken before changes nothing. */
export async function takeConsoleEvent(store: Pool, event: ConsoleEvent, recipients: ConsoleRecipients): Promise<void> {
  const { id, kind, login, ...data } = event;
  await inTransaction(store, async (client) => {
    const taken = await client.query('INSERT INTO console_events (id) VALUES ($1) ON CONFLICT (id) DO NOTHING', [id]);
    if (taken.rowCount === 0) {
      return;
    }
    await recordAudit(client, { actor: login, kind: `console.${kind}`, subject: 'break-glass console', data: { id, ...data } }); // prettier-ignore
    await queueConsoleNotices(client, event, recipients);
  });
}
