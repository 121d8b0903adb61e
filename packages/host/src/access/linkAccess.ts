import { timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { HostConfig } from '../config.ts';
import type { Access } from './access.ts';
import { loginPage } from './loginPage.ts';
import { LoginTokens } from './loginTokens.ts';
import { sessionCookieName, sessionCookieOptions } from './sessionCookie.ts';
import { Sessions } from './sessions.ts';
import { findUser, users } from './users.ts';

const sessionLifetimeMs = 8 * 3_600_000;

/** `POST /api/host/login-tokens` for whoever holds the host's secret, `GET /login?token=…`, `POST /logout`. */
export function linkAccess(config: HostConfig, now: () => number): Access {
  const tokens = new LoginTokens(now);
  const sessions = new Sessions(now, sessionLifetimeMs);
  const cookieName = sessionCookieName(config);
  const cookie = sessionCookieOptions(config);
  return {
    userOf: (request) => sessions.user(request.cookies[cookieName]),
    askToLogIn: (_request, reply) => loginPage(reply, 'Log in to DFR Ops'),
    passwordIsSet: null,
    addRoutes,
  };

  function addRoutes(app: FastifyInstance): void {
    app.post('/api/host/login-tokens', async (request, reply) => {
      if (config.secret === null || !sameText(request.headers['x-host-secret'], config.secret)) {
        return reply.code(403).send({ message: 'X-Host-Secret is missing or wrong.' });
      }
      const login = (request.body as { login?: unknown } | null)?.login;
      const user = findUser(login);
      if (!user) {
        return reply
          .code(400)
          .send({ message: `login must be one of ${users.map((known) => known.login).join(', ')}.` });
      }
      const token = tokens.issue(user.login);
      return { token, url: `${config.publicUrl}/login?token=${token}` };
    });

    app.get<{ Querystring: { token?: string } }>('/login', async (request, reply) => {
      const { token } = request.query;
      if (typeof token !== 'string' || token === '') {
        return loginPage(reply, 'Log in to DFR Ops');
      }
      const user = findUser(tokens.redeem(token));
      if (user === undefined) {
        return loginPage(reply, 'This link has been used or has expired');
      }
      sessions.close(request.cookies[cookieName]);
      reply.setCookie(cookieName, sessions.open(user), { ...cookie, maxAge: sessionLifetimeMs / 1000 });
      return reply.header('cache-control', 'no-store').redirect('/', 302);
    });

    app.post('/logout', async (request, reply) => {
      sessions.close(request.cookies[cookieName]);
      return reply.clearCookie(cookieName, cookie).code(204).send();
    });
  }
}

function sameText(given: unknown, expected: string): boolean {
  const [left, right] = [Buffer.from(String(given)), Buffer.from(expected)];
  return left.length === right.length && timingSafeEqual(left, right);
}
