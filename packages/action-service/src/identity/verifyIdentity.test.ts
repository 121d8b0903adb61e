import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { generateKeyPair, SignJWT } from 'jose';
import { ProblemError } from '../problem.ts';
import { startGrafanaIssuer, type GrafanaIssuer } from '../test/grafanaIssuer.ts';
import { createIdentityVerifier, type IdentityVerifier } from './verifyIdentity.ts';

let grafana: GrafanaIssuer;
let verifier: IdentityVerifier;

before(async () => {
  grafana = await startGrafanaIssuer();
  verifier = createIdentityVerifier({ issuer: grafana.issuer, audience: 'org:1', keysUrl: grafana.keysUrl });
});
after(() => grafana.stop());

async function refusal(token: string | undefined): Promise<ProblemError> {
  const error = await verifier.verify(token).then(
    () => assert.fail('the token was accepted'),
    (thrown: unknown) => thrown
  );
  assert.ok(error instanceof ProblemError, String(error));
  return error;
}

test('names the person whom Grafana signed', async () => {
  const person = await verifier.verify(await grafana.sign('admin', 'Admin'));
  assert.deepEqual(person, { login: 'admin', name: 'admin', email: 'admin@dfr.example', role: 'Admin' });
});

test("takes the issuer with the slash that Grafana puts at its root_url's end, and no other path", async () => {
  const slashed = await grafana.sign('admin', 'Admin', { iss: `${grafana.issuer}/` });
  assert.equal((await verifier.verify(slashed)).login, 'admin');
  const deeper = await grafana.sign('admin', 'Admin', { iss: `${grafana.issuer}/grafana` });
  assert.equal((await refusal(deeper)).status, 401);
});

test('takes a role that it does not know for none', async () => {
  assert.equal((await verifier.verify(await grafana.sign('eve', 'Superuser'))).role, 'None');
});

test('refuses a missing, mangled, foreign, expired or non-user token with 401', async () => {
  const good = await grafana.sign('admin', 'Admin');
  const cases: Array<[string, string | undefined]> = [
    ['missing', undefined],
    ['mangled', `${good.slice(0, -6)}AAAAAA`],
    ['no token at all', 'hello'],
    ['foreign issuer', await grafana.sign('admin', 'Admin', { iss: 'https://elsewhere.example' })],
    ['foreign audience', await grafana.sign('admin', 'Admin', { aud: 'org:2' })],
    ['a service account', await grafana.sign('sa', 'Admin', { type: 'service-account' })],
    ['expired beyond the skew', await grafana.sign('admin', 'Admin', {}, -40)],
    ['nobody', await grafana.sign('x', 'Admin', { username: undefined, email: undefined, identifier: undefined })],
  ];
  for (const [name, token] of cases) {
    assert.equal((await refusal(token)).status, 401, name);
  }
});

test('allows a clock that is 20 s off', async () => {
  assert.equal((await verifier.verify(await grafana.sign('admin', 'Admin', {}, -20))).login, 'admin');
});

test('refuses an unsigned token and another algorithm', async () => {
  const claims = { iss: grafana.issuer, aud: 'org:1', sub: 'user:1', type: 'user', username: 'admin', role: 'Admin' };
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor(Date.now() / 1000) + 600;
  assert.equal((await refusal(`${part({ alg: 'none' })}.${part({ ...claims, exp })}.`)).status, 401);
  const hmac = await new SignJWT({ ...claims, exp }).setProtectedHeader({ alg: 'HS256' }).sign(new Uint8Array(32));
  assert.equal((await refusal(hmac)).status, 401);
  assert.equal((await refusal(await grafana.signOtherwise({ ...claims, exp }))).status, 401);
  const { privateKey } = await generateKeyPair('ES256');
  const own = await new SignJWT({ ...claims, exp })
    .setProtectedHeader({ alg: 'ES256', kid: 'id-2026-01-es256' })
    .sign(privateKey);
  assert.equal((await refusal(own)).status, 401);
});

test('reads the keys anew for a key id that it does not know', async () => {
  await new Promise((resolve) => setTimeout(resolve, 1100));
  await grafana.rotate();
  assert.equal((await verifier.verify(await grafana.sign('admin', 'Admin'))).login, 'admin');
});

test('says that the keys cannot be had, and never 500', async () => {
  const lost = createIdentityVerifier({
    issuer: grafana.issuer,
    audience: 'org:1',
    keysUrl: 'http://127.0.0.1:9/keys',
  });
  const error = await lost.verify(await grafana.sign('admin', 'Admin')).catch((thrown: unknown) => thrown);
  assert.equal((error as ProblemError).status, 503);
});
