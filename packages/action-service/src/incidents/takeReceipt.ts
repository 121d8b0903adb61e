import type { SmsDelivery } from '@dfr-ops/contracts';
import type { Pool } from 'pg';
import { bookDigest } from '../notices/bookDigest.ts';
import { markReceipt } from '../notices/noticeStore.ts';
import { momentKind, recipientInWords } from '../notices/sendNotices.ts';
import { inTransaction } from '../store/pool.ts';
import { recordMoment } from './moments.ts';

/** Books the SMS provider's receipt: delivered or not, at the provider's own time. Unknown and repeated ones change nothing. */
export async function takeReceipt(store: Pool, receipt: SmsDelivery): Promise<void> {
  const delivered = receipt.status === 'delivered';
  const at = new Date(receipt.at);
  await inTransaction(store, async (client) => {
    const notice = await markReceipt(client, receipt.reference, delivered, at, receipt.error);
    if (notice?.kind === 'sms_digest') {
      const words = delivered
        ? 'was delivered'
        : `was not delivered: ${receipt.error ?? 'the provider gives no reason'}`;
      const text = `${recipientInWords(notice)} ${words}. It told of several alerts together.`;
      await bookDigest(client, notice.id, receipt.status, at, text);
    }
    const kind = notice && momentKind(notice.kind, delivered ? 'delivered' : 'failed');
    if (notice?.incident_id && kind) {
      const text = `${recipientInWords(notice)} ${delivered ? 'was delivered' : `was not delivered: ${receipt.error ?? 'the provider gives no reason'}`}.`;
      await recordMoment(client, notice.incident_id, {
        kind,
        at,
        source: 'sms provider',
        text,
        runId: null,
        key: receipt.reference,
      });
    }
  });
}
