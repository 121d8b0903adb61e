import type { Person } from '@dfr-ops/contracts';
import { clockTime } from '../clockTime.ts';
import type { Config } from '../config.ts';
import { toGsm } from '../notices/gsmText.ts';
import { queueNotice } from '../notices/noticeStore.ts';
import type { Queryable } from '../store/pool.ts';
import type { RunRow } from './runRow.ts';

/** Why the others hear of a run: one of them is to approve it, it is of high risk, or it does without a second person. */
export type Occasion = 'approval' | 'high_risk' | 'override';

export type TellOthers = (db: Queryable, row: RunRow, occasion: Occasion, by: Person) => Promise<void>;

/**
 * Writes down what the contacts of the installation (MAIL_TO, SMS_TO) are told of a run, in the caller's transaction; the queue of
 * notices sends it. An SMS only where it cannot wait: for an approval, which runs out, and for an override.
 */
export function createTellOthers({ mail, sms, publicUrl }: Pick<Config, 'mail' | 'sms' | 'publicUrl'>): TellOthers {
  return async (db, row, occasion, by) => {
    const link = `${publicUrl}/a/dfr-ops-app/actions?action=${encodeURIComponent(row.action_id)}&run=${row.id}`;
    const reference = (recipient: string) => `${row.id}/${occasion}/${recipient}`;
    const told = wordsOf(row, occasion, by.login);
    for (const recipient of (mail?.to ?? []).filter((address) => address !== by.email)) {
      await queueNotice(db, {
        reference: reference(recipient),
        incidentId: null,
        kind: 'email_run',
        recipient,
        subject: `[DFR] ${told.subject}`,
        text: `${told.text}\n\nReason: ${row.reason}\n\n${link}\n`,
      });
    }
    for (const recipient of occasion === 'high_risk' ? [] : (sms?.to ?? [])) {
      const text = toGsm(`DFR: ${told.text.slice(0, 200)} Reason: ${row.reason.slice(0, 60)} ${link}`);
      await queueNotice(db, { reference: reference(recipient), incidentId: null, kind: 'sms_run', recipient, text });
    }
  };
}

function wordsOf(row: RunRow, occasion: Occasion, login: string): { subject: string; text: string } {
  const what = `"${row.title}" on ${row.target_name}`;
  switch (occasion) {
    case 'approval': {
      const until = row.approve_until ? ` until ${clockTime(row.approve_until)}` : '';
      const whom = [...row.approvers.users, ...row.approvers.roles.map((role) => `any ${role}`)].join(', ');
      return {
        subject: `To approve: ${what}`,
        text: `${login} asks for ${what}. It waits${until} for a second person (${whom}).`,
      };
    }
    case 'high_risk':
      return {
        subject: `Begun: ${what}`,
        text: `${login} runs ${what}. It is of high risk; nobody had to approve it.`,
      };
    case 'override':
      return {
        subject: `EMERGENCY: ${what}`,
        text: `${login} runs ${what} as an emergency, without the second person that it asks for.`,
      };
  }
}
