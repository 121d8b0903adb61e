import { readFileSync } from 'node:fs';
import { request as newRequest, type APIRequestContext, type Page } from '@playwright/test';
import type { StackFile } from '../packages/launcher/src/stackFile.ts';

export type Login = 'admin' | 'admin2' | 'editor' | 'viewer';

/** Signs this person in, in the page's own browser. */
export async function loginAs(page: Page, stack: StackFile, login: Login): Promise<void> {
  if (stack.page === 'grafana') {
    await enterGrafana(page.request, stack, login);
    await page.goto(stack.addresses.host);
  } else {
    await page.goto(await hostLink(stack, login));
  }
}

/** The public API as this person, through the datasource's proxy routes like the panels. */
export async function apiAs(stack: StackFile, login: Login): Promise<APIRequestContext> {
  const api = await newRequest.newContext({ baseURL: `${stack.addresses.host}/api/datasources/proxy/uid/dfr-ops/` });
  if (stack.page === 'grafana') {
    await enterGrafana(api, stack, login);
  } else {
    await api.get(await hostLink(stack, login));
  }
  return api;
}

/** User and password of this person at Grafana. */
export function grafanaCredentials(stack: StackFile, login: Login): { user: string; password: string } {
  const person = stack.credentials.people?.[login];
  if (!person) {
    throw new Error(`Nobody called ${login} can sign in: this stack has ${stack.page} as its page.`);
  }
  return { user: person.user, password: readFileSync(person.passwordFile, 'utf8').trim() };
}

async function enterGrafana(request: APIRequestContext, stack: StackFile, login: Login): Promise<void> {
  const answer = await request.post(`${stack.addresses.host}/login`, { data: grafanaCredentials(stack, login) });
  if (!answer.ok()) {
    throw new Error(`Grafana does not let ${login} in: ${answer.status()} ${await answer.text()}`);
  }
}

/** The host's one-time link. */
async function hostLink(stack: StackFile, login: Login): Promise<string> {
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
