import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Access } from '../access/access.ts';
import { sessionCookieName, sessionCookieOptions } from '../access/sessionCookie.ts';
import { Sessions } from '../access/sessions.ts';
import type { User } from '../access/users.ts';
import type { HostConfig } from '../config.ts';
import { Lockout } from './lockout.ts';
import type { LoginEvent, LoginEvents } from './loginEvents.ts';
import { nameForm, readPasswords, stampOf, type Passwords } from './passwordFile.ts';
import { checkPassword } from './passwordHash.ts';
import { passwordPage, type PasswordPage } from './passwordPage.ts';

const sessionLifetimeMs = 30 * 60_000;
/** Guesses that wait for their turn; more are turned away. */
const mostGuesses = 8;
const formLimitBytes = 8192;

interface Form {
  name: string;
  password: string;
  next: string;
}

/** Break-glass: a name and a password, a session of 30 minutes, and everybody learns of it. */
export function passwordAccess(config: HostConfig, events: LoginEvents, now: () => number): Access {
  const sessions = new Sessions(now, sessionLifetimeMs);
  const lockout = new Lockout(now);
  const cookieName = sessionCookieName(config);
  const cookie = sessionCookieOptions(config);
  let guesses = 0;

  const show = async (reply: FastifyReply, page: Partial<PasswordPage>) => {
    const people = await readPasswords(config.passwordFile).catch((error: Error) => error);
    const unset = people instanceof Error || Object.keys(people).length === 0;
    const broken = people instanceof Error ? people.message : '';
    return passwordPage(reply, { status: 401, message: broken, next: '/', name: '', ...page, unset });
  };

  const tell = (request: FastifyRequest, event: Pick<LoginEvent, 'kind' | 'login'> & Partial<LoginEvent>) => {
    const userAgent = (request.headers['user-agent'] ?? '').slice(0, 200);
    return events.tell({ address: request.ip, userAgent, failures: 0, lockedSeconds: 0, ...event });
  };

  const refuse = async (request: FastifyRequest, reply: FastifyReply, { name, next }: Form, people: Passwords) => {
    const { failures, lockedMs } = lockout.fail(name);
    const login = `console:${Object.hasOwn(people, name) ? name : '?'}`;
    await tell(request, { kind: 'login_failed', login, failures });
    if (lockedMs > 0) {
      await tell(request, { kind: 'locked', login, failures, lockedSeconds: Math.ceil(lockedMs / 1000) });
      return showLocked(reply, lockedMs, name, next);
    }
    return show(reply, { message: 'Name or password is wrong.', name, next });
  };

  const showLocked = (reply: FastifyReply, lockedMs: number, name: string, next: string) => {
    const seconds = Math.ceil(lockedMs / 1000);
    const message = `Too many attempts failed. Nobody can log in under this name for the next ${inWords(seconds)}.`;
    return show(reply.header('retry-after', String(seconds)), { status: 429, message, name, next });
  };

  const logIn = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const form = readForm(request.body);
    const lockedMs = lockout.lockedFor(form.name);
    if (lockedMs > 0) {
      return showLocked(reply, lockedMs, form.name, form.next);
    }
    if (guesses >= mostGuesses) {
      const message = 'Too many people try to log in at this moment. Try again in a few seconds.';
      return show(reply.header('retry-after', '5'), { status: 429, message, name: form.name, next: form.next });
    }
    guesses += 1;
    try {
      const stamp = stampOf(config.passwordFile);
      const people = await readPasswords(config.passwordFile).catch(() => null);
      if (people === null) {
        return await show(reply, { status: 503 });
      }
      const stored = Object.hasOwn(people, form.name) ? people[form.name]! : null;
      const right = await checkPassword(form.password, stored);
      // Guesses that were sent together are judged together: the lock holds for those that were under way.
      if (!right || lockout.lockedFor(form.name) > 0) {
        return await refuse(request, reply, form, people);
      }
      lockout.succeed(form.name);
      const user = userNamed(form.name);
      await tell(request, { kind: 'login', login: user.login });
      sessions.close(request.cookies[cookieName]);
      reply.setCookie(cookieName, sessions.open(user, stamp), { ...cookie, maxAge: sessionLifetimeMs / 1000 });
      return reply.header('cache-control', 'no-store').redirect(form.next, 303);
    } finally {
      guesses -= 1;
    }
  };

  return {
    userOf: (request) => sessions.user(request.cookies[cookieName], stampOf(config.passwordFile)),
    askToLogIn: (request, reply) => show(reply, { next: pathOf(request.url) }),
    passwordIsSet: async () => Object.keys(await readPasswords(config.passwordFile).catch(() => ({}))).length > 0,
    addRoutes(app: FastifyInstance) {
      app.addContentTypeParser(
        'application/x-www-form-urlencoded',
        { parseAs: 'string', bodyLimit: formLimitBytes },
        (_request, body, done) => done(null, new URLSearchParams(body as string))
      );
      app.get('/login', (_request, reply) => show(reply, {}));
      app.post('/login', logIn);
      app.post('/logout', async (request, reply) => {
        const user = sessions.user(request.cookies[cookieName], stampOf(config.passwordFile));
        sessions.close(request.cookies[cookieName]);
        if (user) {
          await tell(request, { kind: 'logout', login: user.login });
        }
        return reply.clearCookie(cookieName, cookie).code(204).send();
      });
    },
  };
}

/** Whoever may break the glass may do everything that the policy lets an administrator do. */
function userNamed(name: string): User {
  return { id: 1, login: `console:${name}`, name: `${name} (console)`, email: '', role: 'Admin' };
}

function readForm(body: unknown): Form {
  const given = body instanceof URLSearchParams ? body : new URLSearchParams();
  const name = (given.get('name') ?? '').trim().toLowerCase();
  return {
    name: nameForm.test(name) ? name : '?',
    password: given.get('password') ?? '',
    next: pathOf(given.get('next') ?? '/'),
  };
}

/** A path of this host, whatever was asked for: nobody is sent elsewhere after the login. */
function pathOf(asked: string): string {
  const url = URL.parse(asked, 'http://console.invalid');
  const path = url ? `${url.pathname}${url.search}` : '/';
  return url?.host === 'console.invalid' && !/^\/(\/|\\|login|logout|api\/)/.test(path) ? path : '/';
}

function inWords(seconds: number): string {
  return seconds < 120 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`;
}
