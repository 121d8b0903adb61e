import fastify from 'fastify';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, type JWTPayload } from 'jose';

export interface GrafanaIssuer {
  issuer: string;
  keysUrl: string;
  /** A token as Grafana signs it; `claims` and `header` overwrite single ones. */
  sign(login: string, role: string, claims?: JWTPayload, seconds?: number): Promise<string>;
  /** From now on another key signs, as after Grafana's rotation. */
  rotate(): Promise<void>;
  /** How often the keys were asked for. */
  asked(): number;
  /** The published key that signs now, as PEM (SPKI) and its id: what an attacker has. */
  published(): Promise<{ pem: string; kid: string }>;
  /** A sound token under a published key, with an algorithm that Grafana does not use. */
  signOtherwise(claims: JWTPayload): Promise<string>;
  stop(): Promise<void>;
}

/** Publishes keys and signs identity tokens as Grafana does. */
export async function startGrafanaIssuer(): Promise<GrafanaIssuer> {
  const app = fastify();
  let number = 0;
  const makeKey = async () => ({
    kid: `id-2026-0${(number += 1)}-es256`,
    ...(await generateKeyPair('ES256', { extractable: true })),
  });
  let current = await makeKey();
  const edwards = { kid: 'id-2026-01-eddsa', ...(await generateKeyPair('EdDSA', { extractable: true })) };
  let asked = 0;
  app.get('/api/signing-keys/keys', async () => ({
    keys: [
      { ...(await exportJWK(current.publicKey)), kid: current.kid, alg: 'ES256', use: 'sig' },
      { ...(await exportJWK(edwards.publicKey)), kid: edwards.kid, alg: 'EdDSA', use: 'sig' },
    ],
  }));
  app.addHook('onRequest', async () => void (asked += 1));
  const issuer = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    issuer,
    keysUrl: `${issuer}/api/signing-keys/keys`,
    async sign(login, role, claims = {}, seconds = 600) {
      const own = {
        type: 'user',
        identifier: '1',
        username: login,
        email: `${login}@dfr.example`,
        name: login,
        role,
        namespace: 'default',
      };
      return new SignJWT({ iss: issuer, aud: 'org:1', sub: `user:${login}`, ...own, ...claims })
        .setProtectedHeader({ alg: 'ES256', kid: current.kid, typ: 'jwt' })
        .setIssuedAt()
        .setExpirationTime(Math.floor(Date.now() / 1000) + seconds)
        .sign(current.privateKey);
    },
    async rotate() {
      current = await makeKey();
    },
    asked: () => asked,
    published: async () => ({ pem: await exportSPKI(current.publicKey), kid: current.kid }),
    signOtherwise: (claims) =>
      new SignJWT(claims).setProtectedHeader({ alg: 'EdDSA', kid: edwards.kid }).sign(edwards.privateKey),
    stop: () => app.close(),
  };
}
