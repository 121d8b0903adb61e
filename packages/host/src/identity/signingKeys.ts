import { mkdir, open, readFile, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { type CryptoKey, type JWK, exportJWK, generateKeyPair, importJWK } from 'jose';

const keyFile = /^(id-\d{4}-\d{2}-es256)\.json$/;

/** The key that signs now and its id. */
export interface SigningKey {
  kid: string;
  privateKey: CryptoKey;
}

/**
 * ES256 keys, one a month as Grafana rotates them (`id-YYYY-MM-es256`), kept as private JWKs of mode 0600 in a folder
 * of their own, so that tokens signed before a restart stay good.
 */
export class SigningKeys {
  readonly #folder: string;
  readonly #now: () => number;
  readonly #keys = new Map<string, JWK>();
  #current: Promise<SigningKey> | undefined;
  #currentKid = '';

  private constructor(folder: string, now: () => number) {
    this.#folder = folder;
    this.#now = now;
  }

  /** Reads the keys that are there and makes this month's where it is missing. */
  static async open(dataDir: string, now: () => number): Promise<SigningKeys> {
    const keys = new SigningKeys(path.join(dataDir, 'signing-keys'), now);
    await mkdir(keys.#folder, { recursive: true, mode: 0o700 });
    for (const name of await readdir(keys.#folder)) {
      const kid = keyFile.exec(name)?.[1];
      if (kid) {
        keys.#keys.set(kid, JSON.parse(await readFile(path.join(keys.#folder, name), 'utf8')) as JWK);
      }
    }
    await keys.current();
    return keys;
  }

  current(): Promise<SigningKey> {
    const kid = `id-${new Date(this.#now()).toISOString().slice(0, 7)}-es256`;
    if (this.#current === undefined || this.#currentKid !== kid) {
      this.#currentKid = kid;
      const loading = this.#load(kid);
      this.#current = loading;
      // What failed (a full disk) is tried again with the next request, not remembered for the month.
      loading.catch(() => {
        if (this.#current === loading) {
          this.#current = undefined;
        }
      });
    }
    return this.#current;
  }

  /** The published half (RFC 7517): what `GET /api/signing-keys/keys` answers. */
  jwks(): { keys: JWK[] } {
    const keys = [...this.#keys].map(
      ([kid, { kty, crv, x, y }]) => ({ use: 'sig', kty, kid, crv, alg: 'ES256', x, y }) as JWK
    );
    return { keys };
  }

  async #load(kid: string): Promise<SigningKey> {
    const known = this.#keys.get(kid) ?? (await this.#create(kid));
    return { kid, privateKey: (await importJWK(known, 'ES256')) as CryptoKey };
  }

  async #create(kid: string): Promise<JWK> {
    const { privateKey } = await generateKeyPair('ES256', { extractable: true });
    const jwk = await exportJWK(privateKey);
    const target = path.join(this.#folder, `${kid}.json`);
    // Whole or not there at all: half a key, left by a full disk, would keep the host from starting.
    const temporary = `${target}.${process.pid}.new`;
    try {
      const file = await open(temporary, 'w', 0o600);
      try {
        await file.writeFile(JSON.stringify(jwk));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, target);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    this.#keys.set(kid, jwk);
    return jwk;
  }
}
