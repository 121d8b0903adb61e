import { randomBytes } from 'node:crypto';
import type { User } from './users.ts';

interface Session {
  user: User;
  expiresAt: number;
  stamp: string;
}

/** Sessions in memory: they end after their lifetime, at logout, and when the host stops. */
export class Sessions {
  readonly #now: () => number;
  readonly #lifetimeMs: number;
  readonly #sessions = new Map<string, Session>();

  /** @param now the clock, in ms */
  constructor(now: () => number, lifetimeMs: number) {
    this.#now = now;
    this.#lifetimeMs = lifetimeMs;
  }

  /** `stamp`: what the session holds under; it is over as soon as another is asked for. */
  open(user: User, stamp = ''): string {
    this.#forgetExpired();
    const id = randomBytes(32).toString('base64url');
    this.#sessions.set(id, { user, stamp, expiresAt: this.#now() + this.#lifetimeMs });
    return id;
  }

  user(id: string | undefined, stamp = ''): User | undefined {
    const session = id === undefined ? undefined : this.#sessions.get(id);
    return session && session.expiresAt > this.#now() && session.stamp === stamp ? session.user : undefined;
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
