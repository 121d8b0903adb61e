import { z } from 'zod';
import { AuditAnswer } from '@dfr-ops/contracts';
import { auditContentType, auditText, csvHead } from '../audit/auditText.ts';
import { readAudit } from '../audit/readAudit.ts';
import type { Deps } from '../deps.ts';
import type { App } from './app.ts';
import { problemResponses } from './errors.ts';

const text = z.string().min(1).max(200);
const instant = z.iso.datetime({ offset: true }).transform((written) => new Date(written));

const AuditQuery = z.object({
  after: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
  from: instant.optional(),
  to: instant.optional(),
  actor: text.optional(),
  /** One kind, or all that begin alike: `run.*`. */
  kind: text.optional(),
  subject: text.optional(),
  format: z.enum(['json', 'jsonl', 'csv']).default('json'),
});

const Page = {
  content: {
    'application/json': { schema: AuditAnswer },
    'application/x-ndjson': { schema: z.string() },
    'text/csv': { schema: z.string() },
  },
};

/**
 * GET /audit: entries in the order of their seq, a page at a time. `next` (and the header X-Next-After) is the `after` of the
 * next page; null (no header) when this is the last.
 */
export async function auditRoutes(app: App, { store }: Deps): Promise<void> {
  app.get(
    '/audit',
    { schema: { querystring: AuditQuery, response: { 200: Page, ...problemResponses } } },
    async ({ query: { limit, format, ...filter } }, reply) => {
      const found = await readAudit(store, filter, limit + 1);
      const events = found.slice(0, limit);
      const next = found.length > limit ? (events.at(-1)?.seq ?? null) : null;
      if (format === 'json') {
        return { events, next };
      }
      if (next !== null) {
        reply.header('x-next-after', String(next));
      }
      return reply.type(auditContentType[format]).send((format === 'csv' ? csvHead : '') + auditText(events, format));
    }
  );
}
