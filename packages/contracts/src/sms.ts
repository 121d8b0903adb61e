import { z } from 'zod';

/** What the service sends to the SMS provider: `POST <url>/messages`, bearer token. */
export const SmsMessage = z.strictObject({
  to: z.string().regex(/^\+\d{6,15}$/, 'A phone number in E.164, e.g. +23276123456.'),
  from: z.string().max(15),
  text: z.string().min(1).max(1600),
  /** Ours; a second message with the same reference is the same message. */
  reference: z.string(),
  /** Where the provider reports the delivery; null: it does not. */
  callbackUrl: z.string().nullable(),
});
export type SmsMessage = z.infer<typeof SmsMessage>;

/** The provider's answer: 202. Accepted is not delivered. */
export const SmsAccepted = z.object({ id: z.string(), status: z.literal('accepted') });
export type SmsAccepted = z.infer<typeof SmsAccepted>;

/** What the provider posts to `callbackUrl`. */
export const SmsDelivery = z.object({
  id: z.string(),
  reference: z.string(),
  status: z.enum(['delivered', 'failed']),
  at: z.string(),
  error: z.string().nullable().default(null),
});
export type SmsDelivery = z.infer<typeof SmsDelivery>;
