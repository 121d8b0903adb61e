import { randomBytes } from 'node:crypto';
import { type User, findUser } from './users.ts';

export const sessionLifetimeMs = 8 * 3_600_000;

/** Sessions in memory: they end after 8 hours, at logout, and when the host stops. */
export class Sessions {
  readonly #now: () => number;
  readonly #sessions = new Map<string, { login: string; expiresAt: number }>();

  /** @param now the clock, in ms */
  constructor(now: () => number) {
    this.#now = now;
  }

  open(login: string): string {
    this.#forgetExpired();
    const id = randomBytes(32).toString('base64url');
    this.#sessions.set(id, { login, expiresAt: this.#now() + sessionLifetimeMs });
    return id;
  }

  user(id: string | undefined): User | undefined {
    const session = id === undefined ? undefined : this.#sessions.get(id);
    return session && session.expiresAt > this.#now() ? findUser(session.login) : undefined;
  }

  close(id: string | undefined): void {
    if (id !== undefined) {
      this.#sessions.delete(id);
    }
  }

  #forgetExpired(): void {
    for (const [id, session] of this.#sessions) {
      if (session.expiresAt <= this.#now()) {
        this.#sessions.delete(id);
      }
    }
  }
}
