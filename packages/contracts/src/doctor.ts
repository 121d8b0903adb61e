import { z } from 'zod';
import { Instant } from './common.ts';
import { SmsMessage } from './sms.ts';

/** One thing that was looked at. `remedy` says what to do; null while ok. What could not be looked at is a warning that says why. */
export const DoctorCheck = z.object({
  name: z.string(),
  state: z.enum(['ok', 'warning', 'failed']),
  text: z.string(),
  remedy: z.string().nullable(),
});
export type DoctorCheck = z.infer<typeof DoctorCheck>;

/** Answer of `GET /api/v1/doctor` (Admin): what only the service can look at. No secret stands in it. */
export const ServiceDoctor = z.object({
  /** The service's clock when it answered; the checks may be some seconds old. */
  at: Instant,
  version: z.string(),
  /** Clock of DFR's PostgreSQL against the service's, in seconds; null: it could not be asked. */
  postgresSkewSeconds: z.number().nullable(),
  checks: z.array(DoctorCheck),
});
export type ServiceDoctor = z.infer<typeof ServiceDoctor>;

/** Body of `POST /api/v1/doctor/notices` (Admin): sends one test notice to each that is named, and to nobody else. */
export const TestNoticeRequest = z.strictObject({
  mail: z.email('An email address, e.g. someone@example.org.').nullable(),
  sms: SmsMessage.shape.to.nullable(),
});
export type TestNoticeRequest = z.infer<typeof TestNoticeRequest>;

/** What is known of one test notice. `accepted`: by the mail server or the SMS provider, which is not yet delivered. */
export const TestNotice = z.object({
  channel: z.enum(['mail', 'sms']),
  reference: z.string(),
  state: z.enum(['accepted', 'delivered', 'failed']),
  /** Why it failed; null otherwise. */
  error: z.string().nullable(),
});
export type TestNotice = z.infer<typeof TestNotice>;
export const TestNoticesAnswer = z.object({ notices: z.array(TestNotice) });
export type TestNoticesAnswer = z.infer<typeof TestNoticesAnswer>;
