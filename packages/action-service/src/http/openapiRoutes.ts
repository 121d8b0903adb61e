import type { App } from './app.ts';

/** GET /openapi.json: the whole API, made from the same schemas that check it. */
export async function openapiRoutes(app: App): Promise<void> {
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
}
