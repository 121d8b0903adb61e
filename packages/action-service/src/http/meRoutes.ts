import { Me } from '@dfr-ops/contracts';
import type { Deps } from '../deps.ts';
import type { App } from './app.ts';
import { problemResponses } from './errors.ts';

/** GET /me: who the service takes the caller for. */
export async function meRoutes(app: App, _deps: Deps): Promise<void> {
  app.get('/me', { schema: { response: { 200: Me, ...problemResponses } } }, async ({ person }) => ({
    person,
    mayAct: person.role === 'Editor' || person.role === 'Admin',
  }));
}
