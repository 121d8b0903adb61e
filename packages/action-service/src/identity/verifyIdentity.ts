import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import { IdentityClaims, Role, type Person } from '@dfr-ops/contracts';
import type { Config } from '../config.ts';
import { ProblemError } from '../problem.ts';

export interface IdentityVerifier {
  /** Who the token of `X-Grafana-Id` names. Throws a 401 ProblemError, or 503 when the published keys cannot be had. */
  verify(token: string | undefined): Promise<Person>;
}

const clockSkewSeconds = 30;

/** Verifies Grafana's identity tokens against its published keys: cached, and asked for again on a key id not known. */
export function createIdentityVerifier(config: Config['grafana']): IdentityVerifier {
  // Grafana signs its root_url with a slash at the end, whichever way it is written in its configuration.
  const root = config.issuer.replace(/\/+$/, '');
  const keys = createRemoteJWKSet(new URL(config.keysUrl), { timeoutDuration: 3000, cooldownDuration: 1000 });
  return {
    async verify(token) {
      if (!token) {
        throw refused('No identity token came with the request (header X-Grafana-Id).');
      }
      let claims: IdentityClaims;
      try {
        const { payload } = await jwtVerify(token, keys, {
          algorithms: ['ES256'],
          issuer: [root, `${root}/`],
          audience: config.audience,
          clockTolerance: clockSkewSeconds,
          requiredClaims: ['exp', 'sub'],
        });
        claims = IdentityClaims.parse(payload);
      } catch (error) {
        throw explain(error);
      }
      if (claims.type !== 'user') {
        throw refused(`The token names a "${claims.type}", not a user.`);
      }
      return personOf(claims);
    },
  };
}

function personOf(claims: IdentityClaims): Person {
  const login = claims.username ?? claims.email ?? claims.identifier;
  if (!login) {
    throw refused('The token names nobody: it has neither username nor email nor identifier.');
  }
  const role = Role.safeParse(claims.role);
  return { login, name: claims.name ?? login, email: claims.email ?? '', role: role.success ? role.data : 'None' };
}

function explain(error: unknown): ProblemError {
  if (error instanceof errors.JWTExpired) {
    return refused('The identity token has expired.');
  }
  if (error instanceof errors.JWTClaimValidationFailed) {
    return refused(`The token's claim "${error.claim}" is not what this service accepts.`);
  }
  const unreachable = error instanceof errors.JWKSTimeout || !(error instanceof errors.JOSEError);
  if (unreachable && !(error instanceof Error && error.name === 'ZodError')) {
    return keysUnreachable(error);
  }
  if (error instanceof errors.JOSEError && error.code === 'ERR_JOSE_GENERIC') {
    return keysUnreachable(error);
  }
  return refused('Its signature, algorithm or form is not that of a token which Grafana signed.', error);
}

function keysUnreachable(cause: unknown): ProblemError {
  return new ProblemError(
    503,
    {
      code: 'keys_unreachable',
      what: 'It cannot be checked who you are, so nothing was answered.',
      why: "Grafana's published keys could not be read.",
      todo: 'Look whether Grafana runs and whether GRAFANA_KEYS_URL is right, then try again.',
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
      todo: 'Reload the page, or sign in to Grafana again; its setting idForwarding must be on.',
    },
    { cause }
  );
}
