import type { Logger } from 'pino';
import type { Pool } from 'pg';
import type { SourceHealth, TimelineKind } from '@dfr-ops/contracts';
import { MailError } from '../connectors/mailServer.ts';
import { SmsError } from '../connectors/smsError.ts';
import { recordMoment } from '../incidents/moments.ts';
import { inTransaction, isNotMigrated } from '../store/pool.ts';
import { bookDigest } from './bookDigest.ts';
import type { Channels } from './channels.ts';
import type { NumberRate } from './digestStorm.ts';
import type { NoticeMetrics } from './noticeMetrics.ts';
import { claimDue, markAccepted, markFailed, markRetry, type NoticeKind, type NoticeRow } from './noticeStore.ts';

export type NoticeSender = { wake: () => void; sources: () => SourceHealth[]; stop: () => Promise<void> };

type Outcome = 'accepted' | 'delivered' | 'failed';

const MOMENTS: Record<NoticeKind, Record<Outcome, TimelineKind> | null> = {
  sms_firing: { accepted: 'sms_accepted', delivered: 'sms_delivered', failed: 'sms_failed' },
  sms_repeat: { accepted: 'sms_accepted', delivered: 'sms_delivered', failed: 'sms_failed' },
  sms_again: { accepted: 'sms_accepted', delivered: 'sms_delivered', failed: 'sms_failed' },
  sms_escalation: { accepted: 'sms_accepted', delivered: 'sms_delivered', failed: 'sms_failed' },
  sms_resolved: {
    accepted: 'resolved_sms_accepted',
    delivered: 'resolved_sms_delivered',
    failed: 'resolved_sms_failed',
  },
  email_resolved: {
    accepted: 'resolved_email_accepted',
    delivered: 'resolved_email_accepted',
    failed: 'resolved_email_failed',
  },
  sms_watchdog: null,
  sms_run: null,
  email_run: null,
  sms_console: null,
  email_console: null,
  sms_digest: null,
};

const LOOK_EVERY_MS = 2000;
const AT_ONCE = 8;
const GIVE_UP_AFTER_MS = 2 * 3_600_000;

/** The channel is the first word of a kind. */
function isMail(kind: NoticeKind): boolean {
  return kind.startsWith('email_');
}

/** Which moment of the timeline says what became of a notice; null for those that belong to no incident. */
export function momentKind(kind: NoticeKind, outcome: Outcome): TimelineKind | null {
  return MOMENTS[kind]?.[outcome] ?? null;
}

/** `SMS to +23276***456` or `Mail to …`: the timeline is read by many, a whole number is not for all of them. */
export function recipientInWords(notice: Pick<NoticeRow, 'kind' | 'recipient'>): string {
  return isMail(notice.kind)
    ? `Mail to ${notice.recipient}`
    : `SMS to ${notice.recipient.slice(0, 6)}***${notice.recipient.slice(-3)}`;
}

/** Sends what is written down in the store, again with growing pauses until it is accepted, refused or two hours old. */
export function createNoticeSender(
  store: Pool,
  channels: Channels,
  rate: NumberRate,
  log: Logger,
  metrics: NoticeMetrics
): NoticeSender {
  const health = {
    sms: channelHealth('SMS provider', 'sms', channels.sms),
    smtp: channelHealth('mail server', 'smtp', channels.mail),
  };
  const stopping = new AbortController();
  let going: Promise<void> | null = null;
  let again = false;

  const claim = () => claimDue(store, AT_ONCE, rate);
  const round = async () => {
    do {
      again = false;
      for (let due = await claim(); due.length > 0; due = await claim()) {
        await Promise.all(due.map((notice) => attempt(notice)));
      }
    } while (again && !stopping.signal.aborted);
  };
  const attempt = async (notice: NoticeRow) => {
    const channel = isMail(notice.kind) ? health.smtp : health.sms;
    try {
      const providerId = await send(channels, notice, stopping.signal);
      Object.assign(channel, { ok: true, error: null, checkedAt: new Date().toISOString() });
      await book(store, notice, 'accepted', `${recipientInWords(notice)} was accepted.`, (client) =>
        markAccepted(client, notice.id, providerId, new Date())
      );
    } catch (error) {
      if (!(error instanceof SmsError || error instanceof MailError)) {
        throw error;
      }
      Object.assign(channel, { ok: false, error: error.message, checkedAt: new Date().toISOString() });
      log.warn({ err: error, reference: notice.reference, attempts: notice.attempts }, 'a notice was not accepted');
      if (error.permanent || Date.now() - (notice.tried_since ?? notice.created_at).getTime() > GIVE_UP_AFTER_MS) {
        await book(store, notice, 'failed', `${recipientInWords(notice)} failed: ${error.message}`, (client) =>
          markFailed(client, notice.id, error.message)
        );
        metrics.failed(isMail(notice.kind) ? 'resolved-email' : 'sms');
      } else {
        const wished = error instanceof SmsError ? (error.retryAfterSeconds ?? 0) : 0;
        await markRetry(store, notice.id, error.message, Math.max(wished, pauseSeconds(notice.attempts)));
      }
    }
  };
  const wake = () => {
    again = true;
    going ??= round()
      .catch((error) =>
        log[isNotMigrated(error) ? 'debug' : 'warn'](
          { err: error },
          'notices cannot be read from the store now; they are sent when it answers'
        )
      )
      .then(() => metrics.lookForStuck(store))
      .finally(() => (going = null));
  };
  const timer = setInterval(wake, LOOK_EVERY_MS);
  return {
    wake,
    sources: () => [health.sms, health.smtp],
    async stop() {
      clearInterval(timer);
      stopping.abort();
      await going;
    },
  };
}

/** 1, 2, 4 … 300 s, a quarter more or less: what failed together is not tried again together. */
export function pauseSeconds(attempts: number): number {
  return Math.min(300, 2 ** (attempts - 1)) * (0.75 + Math.random() / 2);
}

async function send(channels: Channels, notice: NoticeRow, signal: AbortSignal): Promise<string | null> {
  const { reference, recipient: to, text } = notice;
  if (isMail(notice.kind)) {
    if (!channels.mail) {
      throw new MailError('No mail server is configured (SMTP_URL, MAIL_FROM).', true);
    }
    await channels.mail.send({
      to,
      subject: notice.subject ?? '',
      text,
      html: notice.html ?? '',
      reference: reference.replaceAll('/', '.').replace('@', '.at.'),
    });
    return null;
  }
  if (!channels.sms) {
    throw new SmsError('No SMS provider is configured (SMS_PROVIDER_URL).', true);
  }
  const { provider, from, callbackUrl } = channels.sms;
  return (await provider.send({ to, from, text, reference, callbackUrl }, signal)).id;
}

async function book(
  store: Pool,
  notice: NoticeRow,
  outcome: Outcome,
  text: string,
  mark: (client: Parameters<typeof markAccepted>[0]) => Promise<void>
): Promise<void> {
  const at = new Date();
  const kind = momentKind(notice.kind, outcome);
  const source = isMail(notice.kind) ? 'mail server' : 'sms provider';
  await inTransaction(store, async (client) => {
    await mark(client);
    if (notice.kind === 'sms_digest') {
      await bookDigest(client, notice.id, outcome, at, `${text} It told of several alerts together.`);
    }
    if (kind && notice.incident_id) {
      await recordMoment(client, notice.incident_id, { kind, at, source, text, runId: null, key: notice.reference });
    }
  });
}

function channelHealth(name: string, kind: 'sms' | 'smtp', configured: unknown): SourceHealth {
  return {
    name,
    kind,
    ok: configured !== null,
    error: configured === null ? `The ${name} is not configured: nothing is sent by it.` : null,
    checkedAt: null,
  };
}
