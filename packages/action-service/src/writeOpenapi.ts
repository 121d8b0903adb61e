import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { format, resolveConfig } from 'prettier';
import { Registry } from 'prom-client';
import { buildApp } from './app.ts';
import type { Deps } from './deps.ts';

/** Where the repository keeps the document. */
export const openapiFile = fileURLToPath(new URL('../../../docs/openapi.json', import.meta.url));

/** The OpenAPI document of this code as it stands in the repository; no service runs for it. */
export async function openapiText(): Promise<string> {
  // Routes are only described here: none is called, so there is nothing behind them.
  const app = await buildApp({ log: pino({ level: 'silent' }), metrics: new Registry() } as unknown as Deps);
  await app.ready();
  const text = JSON.stringify(app.swagger());
  await app.close();
  return format(text, { ...(await resolveConfig(openapiFile)), parser: 'json' });
}

if (import.meta.main) {
  await writeFile(openapiFile, await openapiText());
}
