import { z } from 'zod';
import { Instant } from './common.ts';

/** What happened at the break-glass console's door: it posts each to `POST /hooks/console` until it is answered, so `id` may come twice. */
export const ConsoleEvent = z.object({
  id: z.uuid(),
  at: Instant,
  kind: z.enum(['login', 'login_failed', 'locked', 'logout']),
  /** `console:` and a name; `console:?` for one that is not known. */
  login: z.string().regex(/^console:([a-z][a-z0-9._-]{0,31}|\?)$/),
  /** Where the request came from, as the console saw it. */
  address: z.string().max(64),
  userAgent: z.string().max(200),
  /** Failures of this name in a row; 0 where it is not about that. */
  failures: z.number().int().min(0),
  /** For how long the name is locked; 0 where it is not. */
  lockedSeconds: z.number().int().min(0),
});
export type ConsoleEvent = z.infer<typeof ConsoleEvent>;
