import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** 32 MB and about a tenth of a second for each guess (OWASP's scrypt parameters for N = 2^15). */
const cost = { N: 32_768, r: 8, p: 3 };
const hashBytes = 32;
const form = /^scrypt\$(\d+)\$(\d+)\$(\d+)\$([\w-]{22})\$([\w-]{43})$/;

/** One guess at a time, whoever asks: a hundred at once would take all memory. */
let queue: Promise<unknown> = Promise.resolve();

/** `scrypt$N$r$p$salt$hash`, base64url. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(password, salt, cost);
  return `scrypt$${cost.N}$${cost.r}$${cost.p}$${salt.toString('base64url')}$${hash.toString('base64url')}`;
}

/** Whether the password is the one that was hashed. A wrong one takes as long as a right one; null, for nobody, as well. */
export async function checkPassword(password: string, stored: string | null): Promise<boolean> {
  const match = form.exec(stored ?? nobody);
  if (!match) {
    throw new Error('The stored password has a form that this version does not know.');
  }
  const [, N, r, p, salt, expected] = match as unknown as [string, string, string, string, string, string];
  const hash = await derive(password, Buffer.from(salt, 'base64url'), { N: Number(N), r: Number(r), p: Number(p) });
  return timingSafeEqual(hash, Buffer.from(expected, 'base64url')) && stored !== null;
}

const nobody = `scrypt$${cost.N}$${cost.r}$${cost.p}$${'A'.repeat(22)}$${'A'.repeat(43)}`;

function derive(password: string, salt: Buffer, { N, r, p }: typeof cost): Promise<Buffer> {
  const work = () =>
    new Promise<Buffer>((resolve, reject) => {
      // Composed, so that two keyboards that write "ä" differently write the same password.
      scrypt(password.normalize('NFC'), salt, hashBytes, { N, r, p, maxmem: 256 * N * r }, (error, hash) =>
        error ? reject(error) : resolve(hash)
      );
    });
  const turn = queue.then(work);
  queue = turn.catch(() => {});
  return turn;
}
