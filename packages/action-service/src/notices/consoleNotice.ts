import type { ConsoleEvent } from '@dfr-ops/contracts';
import type { Queryable } from '../store/pool.ts';
import { formatInstant } from './formatValue.ts';
import { toGsm } from './gsmText.ts';
import { queueNotice } from './noticeStore.ts';

export interface ConsoleRecipients {
  smsTo: readonly string[];
  mailTo: readonly string[];
  /** Null: its tokens are not accepted here, so it can look and not act. */
  consoleUrl: string | null;
}

/** Tells the others of a login and of a lock by SMS and mail, of a failure by mail: a lock follows before those are many. */
export async function queueConsoleNotices(
  db: Queryable,
  event: ConsoleEvent,
  { smsTo, mailTo, consoleUrl }: ConsoleRecipients
): Promise<void> {
  const words = wordsOf(event);
  if (words === null) {
    return;
  }
  const reference = (recipient: string) => `console/${event.id}/${recipient}`;
  for (const recipient of event.kind === 'login_failed' ? [] : smsTo) {
    const text = toGsm(`DFR Ops: ${words}`);
    await queueNotice(db, { reference: reference(recipient), incidentId: null, kind: 'sms_console', recipient, text });
  }
  const text = `${words}\n\nBrowser: ${event.userAgent || 'none named'}\nConsole: ${consoleUrl ?? 'not accepted by this service: it can look, not act'}\n\nIf nobody of you did this: set a new password on the server (npm run console -- passwd), which ends every session of the console, and look at what was done (npm run audit -- export --actor ${event.login}).\n`;
  for (const recipient of mailTo) {
    const subject = `[DFR Ops] Break-glass console: ${titles[event.kind]}`;
    await queueNotice(db, { reference: reference(recipient), incidentId: null, kind: 'email_console', recipient, subject, text }); // prettier-ignore
  }
}

const titles: Record<ConsoleEvent['kind'], string> = {
  login: 'somebody logged in',
  login_failed: 'a login failed',
  locked: 'a name is locked',
  logout: 'somebody logged out',
};

function wordsOf({ kind, login, at, address, failures, lockedSeconds }: ConsoleEvent): string | null {
  const who = login === 'console:?' ? 'an unknown name' : login.replace('console:', '');
  const when = `${formatInstant(Date.parse(at))}, from ${address}`;
  switch (kind) {
    case 'login':
      return `${who} logged in to the break-glass console, ${when}.`;
    case 'login_failed':
      return `A login of ${who} to the break-glass console failed (${failures} in a row), ${when}.`;
    case 'locked':
      return `${who} is locked at the break-glass console for ${lockedSeconds} s after ${failures} failed logins, ${when}.`;
    case 'logout':
      return null;
  }
}
