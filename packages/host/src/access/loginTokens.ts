import { createHash, randomBytes } from 'node:crypto';

const lifetimeMs = 15 * 60_000;

/** One-time login tokens, kept in memory as hashes: valid for 15 minutes and for one use. */
export class LoginTokens {
  readonly #now: () => number;
  readonly #tokens = new Map<string, { login: string; expiresAt: number }>();

  /** @param now the clock, in ms */
  constructor(now: () => number) {
    this.#now = now;
  }

  issue(login: string): string {
    this.#forgetExpired();
    const token = randomBytes(32).toString('base64url');
    this.#tokens.set(hash(token), { login, expiresAt: this.#now() + lifetimeMs });
    return token;
  }

  /** The login that the token was made for, and the token is gone; undefined for an unknown, used or expired one. */
  redeem(token: string): string | undefined {
    this.#forgetExpired();
    const key = hash(token);
    const entry = this.#tokens.get(key);
    this.#tokens.delete(key);
    return entry?.login;
  }

  #forgetExpired(): void {
    for (const [key, entry] of this.#tokens) {
      if (entry.expiresAt <= this.#now()) {
        this.#tokens.delete(key);
      }
    }
  }
}

function hash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
