import { ProblemError } from '../problem.ts';
import type { App } from './app.ts';

/** In JSON: NUL, and half of a character that takes two. PostgreSQL stores neither, and no person writes them. */
const unstorable = /(?:^|[^\\])(?:\\\\)*\\u(?:0000|d[89a-f])/i;

/** Refuses text that the store could not take, before it gets that far. */
export function refuseUnstorable(app: App): void {
  app.addHook('preHandler', async ({ params, query, body }) => {
    const wrong = Object.entries({ params, querystring: query, body }).filter(([, part]) => isUnstorable(part));
    if (wrong.length > 0) {
      throw new ProblemError(400, {
        code: 'input_wrong',
        what: 'The request was refused, nothing was changed.',
        why: `Its ${wrong.map(([name]) => name).join(' and ')} has a character that is no text: NUL, or half of a pair.`,
        todo: 'Write it as plain text and send it again.',
      });
    }
  });
}

function isUnstorable(part: unknown): boolean {
  return part !== null && part !== undefined && unstorable.test(JSON.stringify(part));
}
