import { z } from 'zod';
import { Instant } from './common.ts';

/** A notice of the service: an SMS, or a mail of its own. `accepted`: by the provider or the mail server, which is not yet delivered. */
export const Notice = z.object({
  id: z.number().int(),
  incidentId: z.string().nullable(),
  alertName: z.string().nullable(),
  /** e.g. `sms_firing`, `sms_escalation`, `sms_digest`, `email_resolved`. */
  kind: z.string(),
  /** `SMS to +23276***456` or `Mail to …`: a whole number is not for everybody. */
  to: z.string(),
  text: z.string(),
  state: z.enum(['queued', 'sending', 'digested', 'accepted', 'delivered', 'failed', 'dropped']),
  attempts: z.number().int(),
  createdAt: Instant,
  acceptedAt: Instant.nullable(),
  deliveredAt: Instant.nullable(),
  /** Why it was not taken; null otherwise. */
  error: z.string().nullable(),
  /** How many alerts this one tells of together; 0: one alone. */
  toldTogether: z.number().int(),
});
export type Notice = z.infer<typeof Notice>;

/** Query of `GET /api/v1/notices`. `dead`: given up or refused, to be sent again by `POST /api/v1/notices/:id/resend`. */
export const NoticesQuery = z.object({
  state: z.enum(['dead', 'waiting', 'sent', 'all']).default('all'),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});
export type NoticesQuery = z.infer<typeof NoticesQuery>;

export const NoticesAnswer = z.object({ at: Instant, notices: z.array(Notice) });
export type NoticesAnswer = z.infer<typeof NoticesAnswer>;
