import { z } from 'zod';
import type { App } from './app.ts';

/** GET /openapi.json: the whole API, made from the same schemas that check it. */
export async function openapiRoutes(app: App): Promise<void> {
  app.get('/openapi.json', { schema: { response: { 200: z.record(z.string(), z.unknown()) } } }, async () => ({
    ...app.swagger(),
  }));
}
