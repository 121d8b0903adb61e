import { z } from 'zod';
import { AuditAnswer } from '@dfr-ops/contracts';
import { readAudit } from '../audit/readAudit.ts';
import type { Deps } from '../deps.ts';
import type { App } from './app.ts';
import { problemResponses } from './errors.ts';

/** GET /audit: the audit trail in the order of its entries, after a seq. */
export async function auditRoutes(app: App, { store }: Deps): Promise<void> {
  app.get(
    '/audit',
    {
      schema: {
        querystring: z.object({
          after: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
          limit: z.coerce.number().int().min(1).max(1000).default(200),
        }),
        response: { 200: AuditAnswer, ...problemResponses },
      },
    },
    async ({ query }) => ({ events: await readAudit(store, query.after, query.limit) })
  );
}
