import { timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { HostConfig } from '../config.ts';
import { loginPage } from './loginPage.ts';
import type { LoginTokens } from './loginTokens.ts';
import { type Sessions, sessionLifetimeMs } from './sessions.ts';
import { findUser, users } from './users.ts';

/** Cookies know no ports: the name carries it, so that two hosts on one machine do not log each other out. */
export function sessionCookieName(config: Pick<HostConfig, 'publicUrl'>): string {
  const { port, protocol } = new URL(config.publicUrl);
  return `dfr_host_session_${port || (protocol === 'https:' ? '443' : '80')}`;
}

interface Access {
  tokens: LoginTokens;
  sessions: Sessions;
}

/** `POST /api/host/login-tokens` for whoever holds the host's secret, `GET /login?token=…`, `POST /logout`. */
export function loginRoutes(app: FastifyInstance, config: HostConfig, { tokens, sessions }: Access): void {
  const cookieName = sessionCookieName(config);
  const cookie = {
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    secure: config.publicUrl.startsWith('https:'),
  } as const;

  app.post('/api/host/login-tokens', async (request, reply) => {
    if (!sameText(request.headers['x-host-secret'], config.secret)) {
      return reply.code(403).send({ message: 'X-Host-Secret is missing or wrong.' });
    }
    const login = (request.body as { login?: unknown } | null)?.login;
    const user = findUser(login);
    if (!user) {
      return reply.code(400).send({ message: `login must be one of ${users.map((known) => known.login).join(', ')}.` });
    }
    const token = tokens.issue(user.login);
    return { token, url: `${config.publicUrl}/login?token=${token}` };
  });

  app.get<{ Querystring: { token?: string } }>('/login', async (request, reply) => {
    const { token } = request.query;
    if (typeof token !== 'string' || token === '') {
      return loginPage(reply, 'Log in to DFR Ops');
    }
    const login = tokens.redeem(token);
    if (login === undefined) {
      return loginPage(reply, 'This link has been used or has expired');
    }
    sessions.close(request.cookies[cookieName]);
    reply.setCookie(cookieName, sessions.open(login), { ...cookie, maxAge: sessionLifetimeMs / 1000 });
    return reply.header('cache-control', 'no-store').redirect('/', 302);
  });

  app.post('/logout', async (request, reply) => {
    sessions.close(request.cookies[cookieName]);
    return reply.clearCookie(cookieName, cookie).code(204).send();
  });
}

function sameText(given: unknown, expected: string): boolean {
  const [left, right] = [Buffer.from(String(given)), Buffer.from(expected)];
  return left.length === right.length && timingSafeEqual(left, right);
}
