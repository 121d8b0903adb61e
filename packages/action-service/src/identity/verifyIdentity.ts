import { createRemoteJWKSet, decodeJwt, errors, jwtVerify, type JWTVerifyGetKey } from 'jose';
import { IdentityClaims, Role, type Person } from '@dfr-ops/contracts';
import { ProblemError } from '../problem.ts';

/** One signer whose tokens are accepted. */
export interface TrustedIssuer {
  /** For messages, e.g. `Grafana`. */
  name: string;
  issuer: string;
  audience: string;
  /** Where it publishes its keys (RFC 7517). */
  keysUrl: string;
  /** What the logins of this issuer begin with, so that nobody bears the same name as a person of another; null: nothing. */
  loginPrefix: string | null;
}

export interface IdentityVerifier {
  /** Who the token of `X-Grafana-Id` names. Throws a 401 ProblemError, or 503 when the published keys cannot be had. */
  verify(token: string | undefined): Promise<Person>;
}

const clockSkewSeconds = 30;
/** Keys are kept this long, and for an unknown key id they are read anew no oftener than `keysCooldownMs`. */
const keysMaxAgeMs = 10 * 60_000;

interface Signer extends TrustedIssuer {
  /** As written and with a slash at its end: Grafana signs its root_url so, whichever way it is written in its configuration. */
  spellings: string[];
  keys: JWTVerifyGetKey;
}

/** Verifies identity tokens, each against the published keys and the audience of its own issuer alone. */
export function createIdentityVerifier(issuers: readonly TrustedIssuer[], keysCooldownMs = 5000): IdentityVerifier {
  const signers = issuers.map((trusted): Signer => {
    const root = trusted.issuer.replace(/\/+$/, '');
    const options = { timeoutDuration: 3000, cooldownDuration: keysCooldownMs, cacheMaxAge: keysMaxAgeMs };
    return { ...trusted, spellings: [root, `${root}/`], keys: createRemoteJWKSet(new URL(trusted.keysUrl), options) };
  });
  const prefixes = signers.flatMap(({ loginPrefix }) => loginPrefix ?? []);
  return {
    async verify(token) {
      if (!token) {
        throw refused('No identity token came with the request (header X-Grafana-Id).');
      }
      const signer = signerOf(token, signers);
      const claims = await readClaims(token, signer);
      if (claims.type !== 'user') {
        throw refused(`The token names a "${claims.type}", not a user.`);
      }
      return personOf(claims, signer, prefixes);
    },
  };
}

/** What the token says of its issuer chooses the keys; whether it is true, they show. */
function signerOf(token: string, signers: readonly Signer[]): Signer {
  let issuer: string | undefined;
  try {
    issuer = decodeJwt(token).iss;
  } catch (error) {
    throw refused('It is no token.', error);
  }
  const signer = signers.find(({ spellings }) => issuer !== undefined && spellings.includes(issuer));
  if (!signer) {
    throw refused('The token\'s claim "iss" is not what this service accepts.');
  }
  return signer;
}

async function readClaims(token: string, signer: Signer): Promise<IdentityClaims> {
  try {
    const { payload } = await jwtVerify(token, signer.keys, {
      algorithms: ['ES256'],
      issuer: signer.spellings,
      audience: signer.audience,
      clockTolerance: clockSkewSeconds,
      requiredClaims: ['exp', 'sub'],
    });
    return IdentityClaims.parse(payload);
  } catch (error) {
    throw explain(error, signer);
  }
}

function personOf(claims: IdentityClaims, { loginPrefix, name: issuer }: Signer, prefixes: string[]): Person {
  const signed = claims.username ?? claims.email ?? claims.identifier;
  if (!signed) {
    throw refused('The token names nobody: it has neither username nor email nor identifier.');
  }
  const own = loginPrefix !== null && signed.startsWith(loginPrefix);
  if (!own && prefixes.some((prefix) => signed.startsWith(prefix))) {
    throw refused(`The login ${signed} is not one of ${issuer}.`);
  }
  const login = own ? signed : `${loginPrefix ?? ''}${signed}`;
  const role = Role.safeParse(claims.role);
  return { login, name: claims.name ?? login, email: claims.email ?? '', role: role.success ? role.data : 'None' };
}

function explain(error: unknown, signer: Signer): ProblemError {
  if (error instanceof errors.JWTExpired) {
    return refused('The identity token has expired.');
  }
  if (error instanceof errors.JWTClaimValidationFailed) {
    return refused(`The token's claim "${error.claim}" is not what this service accepts.`);
  }
  const unreachable = error instanceof errors.JWKSTimeout || !(error instanceof errors.JOSEError);
  if (unreachable && !(error instanceof Error && error.name === 'ZodError')) {
    return keysUnreachable(error, signer);
  }
  if (error instanceof errors.JOSEError && error.code === 'ERR_JOSE_GENERIC') {
    return keysUnreachable(error, signer);
  }
  return refused(`Its signature, algorithm or form is not that of a token which ${signer.name} signed.`, error);
}

function keysUnreachable(cause: unknown, { name, keysUrl }: Signer): ProblemError {
  return new ProblemError(
    503,
    {
      code: 'keys_unreachable',
      what: 'It cannot be checked who you are, so nothing was answered.',
      why: `The published keys of ${name} could not be read.`,
      todo: `Look whether it runs and whether ${keysUrl} is where it publishes them, then try again.`,
    },
    { cause }
  );
}

function refused(why: string, cause?: unknown): ProblemError {
  return new ProblemError(
    401,
    {
      code: 'identity_refused',
      what: 'The request was refused: it is not proven who sent it.',
      why,
      todo: 'Reload the page, or sign in again; in Grafana, its setting idForwarding must be on.',
    },
    { cause }
  );
}
