import { readFileSync } from 'node:fs';
import { request as newRequest, type APIRequestContext, type Page } from '@playwright/test';
import type { StackFile } from '../packages/launcher/src/stackFile.ts';

export type Login = 'admin' | 'admin2' | 'editor' | 'viewer';

async function loginPath(stack: StackFile, login: Login): Promise<string> {
  const answer = await fetch(`${stack.addresses.host}/api/host/login-tokens`, {
    method: 'POST',
    headers: {
      'X-Host-Secret': readFileSync(stack.credentials.hostSecretFile, 'utf8').trim(),
      'Content-Type': 'application/json',
    },
    body: JSON.stringify({ login }),
  });
  if (!answer.ok) {
    throw new Error(`No login token for ${login}: ${answer.status} ${await answer.text()}`);
  }
  const { token } = (await answer.json()) as { token: string };
  return `${stack.addresses.host}/login?token=${encodeURIComponent(token)}`;
}

/** Opens the one-time link of this person in the page. */
export async function loginAs(page: Page, stack: StackFile, login: Login): Promise<void> {
  await page.goto(await loginPath(stack, login));
}

/** The public API as this person, through the datasource's proxy routes like the panels. */
export async function apiAs(stack: StackFile, login: Login): Promise<APIRequestContext> {
  const api = await newRequest.newContext({ baseURL: `${stack.addresses.host}/api/datasources/proxy/uid/dfr-ops/` });
  await api.get(await loginPath(stack, login));
  return api;
}
