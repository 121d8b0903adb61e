import { basicAuthHeader } from '../httpProbe.ts';
import { StartProblem } from '../problem.ts';
import { readSecret, type StackFile } from '../stackFile.ts';

/** A person's session at Grafana or the stand-in host: the same endpoints as the browser. */
export type PageSession = {
  /** GET below the datasource's `read` route; `path` such as `alerts`. */
  read: (path: string) => Promise<unknown>;
  /** POST below its `act` route. */
  act: (path: string, body: unknown) => Promise<unknown>;
};

type Stack = Pick<StackFile, 'addresses' | 'credentials'>;

/** How a person gets in: where, and in words what to do there. The host's address is good once, for 15 minutes. */
export async function wayIn(stack: Stack, login: string): Promise<{ url: string; how: string }> {
  const person = stack.credentials.people?.[login];
  if (person) {
    return {
      url: stack.addresses.host,
      how: `sign in as ${person.user}; the password stands in ${person.passwordFile}`,
    };
  }
  const { url } = await askLoginToken(stack, login);
  return { url, how: `signs you in as ${login}, once, within 15 minutes; a new one: npm run doctor` };
}

/** Opens a session as this person. Throws StartProblem when the page lets nobody in. */
export async function openSession(stack: Stack, login = 'admin'): Promise<PageSession> {
  const identity = await identify(stack, login);
  const proxy = `${stack.addresses.host}/api/datasources/proxy/uid/dfr-ops`;
  const ask = async (url: string, init: RequestInit): Promise<unknown> => {
    const answer = await fetch(url, {
      ...init,
      headers: { ...init.headers, ...identity },
      signal: AbortSignal.timeout(40_000),
    });
    const text = await answer.text();
    if (!answer.ok) {
      throw new RefusedByService(answer.status, text);
    }
    return JSON.parse(text);
  };
  return {
    read: (path) => ask(`${proxy}/read/${path}`, { method: 'GET' }),
    act: (path, body) =>
      ask(`${proxy}/act/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
  };
}

/** Headers that say who asks. */
async function identify(stack: Stack, login: string): Promise<Record<string, string>> {
  const person = stack.credentials.people?.[login];
  if (person) {
    return { authorization: basicAuthHeader({ user: person.user, password: readSecret(person.passwordFile) }) };
  }
  const { token } = await askLoginToken(stack, login);
  const entered = await fetch(`${stack.addresses.host}/login?token=${encodeURIComponent(token)}`, {
    redirect: 'manual',
    signal: AbortSignal.timeout(5000),
  });
  const cookie = entered.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ');
  if (!cookie) {
    throw new StartProblem(
      'host',
      `the login token opened no session (${entered.status})`,
      'See logs/host.log in the data folder.'
    );
  }
  return { cookie, origin: stack.addresses.host };
}

async function askLoginToken(stack: Stack, login: string): Promise<{ token: string; url: string }> {
  const answer = await fetch(`${stack.addresses.host}/api/host/login-tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-host-secret': readSecret(stack.credentials.hostSecretFile) },
    body: JSON.stringify({ login }),
    signal: AbortSignal.timeout(5000),
  });
  if (!answer.ok) {
    throw new StartProblem(
      'host',
      `it gave no login token (${answer.status}: ${(await answer.text()).slice(0, 200)})`,
      'See logs/host.log in the data folder.'
    );
  }
  return (await answer.json()) as { token: string; url: string };
}

/** The service's (or the host's) refusal, with its own words where it has any. */
export class RefusedByService extends Error {
  readonly status: number;
  constructor(status: number, body: string) {
    super(`${status}: ${wordsOf(body)}`);
    this.status = status;
  }
}

function wordsOf(body: string): string {
  try {
    const problem = JSON.parse(body) as { what?: string; why?: string; todo?: string; message?: string };
    return problem.what
      ? [problem.what, problem.why, problem.todo].filter(Boolean).join(' ')
      : (problem.message ?? body);
  } catch {
    return body.slice(0, 300);
  }
}
