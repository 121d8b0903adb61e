import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { exportJWK, generateKeyPair, SignJWT, type JWTPayload } from 'jose';
import { ProblemError } from '../problem.ts';
import { startGrafanaIssuer, type GrafanaIssuer } from '../test/grafanaIssuer.ts';
import { createIdentityVerifier, type IdentityVerifier, type TrustedIssuer } from './verifyIdentity.ts';

let grafana: GrafanaIssuer;
let console: GrafanaIssuer;
let verifier: IdentityVerifier;

const trust = ({ issuer, keysUrl }: GrafanaIssuer): TrustedIssuer => ({
  name: 'Grafana',
  issuer,
  audience: 'org:1',
  keysUrl,
  loginPrefix: null,
});
const trustConsole = (): TrustedIssuer => ({
  ...trust(console),
  name: 'the break-glass console',
  audience: 'dfr-ops-console',
  loginPrefix: 'console:',
});

before(async () => {
  [grafana, console] = await Promise.all([startGrafanaIssuer(), startGrafanaIssuer()]);
  verifier = createIdentityVerifier([trust(grafana)], 1000);
});
after(() => Promise.all([grafana.stop(), console.stop()]));

async function refusal(token: string | undefined, by = verifier): Promise<ProblemError> {
  const error = await by.verify(token).then(
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
    ['an API key', await grafana.sign('key', 'Admin', { type: 'api-key' })],
    ['a renderer', await grafana.sign('render', 'Admin', { type: 'render-service' })],
    ['nobody in particular', await grafana.sign('anonymous', 'Admin', { type: 'anonymous' })],
    ['another plugin', await grafana.sign('token', 'Admin', { type: 'access-policy' })],
    ['an unknown type', await grafana.sign('x', 'Admin', { type: 'User' })],
    ['expired beyond the skew', await grafana.sign('admin', 'Admin', {}, -31)],
    ['valid only from beyond the skew on', await grafana.sign('admin', 'Admin', { nbf: Date.now() / 1000 + 40 })],
    ['without an issuer', await grafana.sign('admin', 'Admin', { iss: undefined })],
    ['without an audience', await grafana.sign('admin', 'Admin', { aud: undefined })],
    ['for somebody else as well', await grafana.sign('admin', 'Admin', { aud: ['org:2', 'org:3'] })],
    ['nobody', await grafana.sign('x', 'Admin', { username: undefined, email: undefined, identifier: undefined })],
  ];
  for (const [name, token] of cases) {
    assert.equal((await refusal(token)).status, 401, name);
  }
});

test('allows a clock that is 27 s off', async () => {
  assert.equal((await verifier.verify(await grafana.sign('admin', 'Admin', {}, -27))).login, 'admin');
});

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const claimsOf = (): JWTPayload => ({
  iss: grafana.issuer,
  aud: 'org:1',
  sub: 'user:1',
  type: 'user',
  username: 'admin',
  role: 'Admin',
  exp: Math.floor(Date.now() / 1000) + 600,
});

test('refuses a token without a signature', async () => {
  const { kid } = await grafana.published();
  for (const alg of ['none', 'None', 'NONE', '', 'ES256']) {
    assert.equal((await refusal(`${part({ alg, kid })}.${part(claimsOf())}.`)).status, 401, alg);
  }
});

test('refuses a token signed symmetrically with what everybody can read: the public key', async () => {
  const { pem, kid } = await grafana.published();
  for (const key of [pem, pem.trim(), pem.replace(/-----.*?-----|\s/g, '')]) {
    const token = await new SignJWT(claimsOf()).setProtectedHeader({ alg: 'HS256', kid }).sign(Buffer.from(key));
    assert.equal((await refusal(token)).status, 401);
  }
});

test('refuses another algorithm, though its key is published, and a header that says another', async () => {
  assert.equal((await refusal(await grafana.signOtherwise(claimsOf()))).status, 401);
  const good = await grafana.sign('admin', 'Admin');
  const { kid } = await grafana.published();
  for (const alg of ['ES384', 'RS256', 'EdDSA', 'HS256', 'none']) {
    const [, body, signature] = good.split('.');
    assert.equal((await refusal(`${part({ alg, kid, typ: 'jwt' })}.${body}.${signature}`)).status, 401, alg);
  }
});

test('refuses a key of somebody’s own, under a published id or brought along in the header', async () => {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const { kid } = await grafana.published();
  const own = await new SignJWT(claimsOf()).setProtectedHeader({ alg: 'ES256', kid }).sign(privateKey);
  assert.equal((await refusal(own)).status, 401);
  const jwk = { ...(await exportJWK(publicKey)), alg: 'ES256' };
  const brought = await new SignJWT(claimsOf())
    .setProtectedHeader({ alg: 'ES256', kid, jwk, jku: 'https://evil.example/keys' })
    .sign(privateKey);
  assert.equal((await refusal(brought)).status, 401);
});

test('refuses changed claims under a true signature', async () => {
  const [header, , signature] = (await grafana.sign('viewer', 'Viewer')).split('.');
  assert.equal((await refusal(`${header}.${part(claimsOf())}.${signature}`)).status, 401);
});

test('reads the keys anew for a key id that it does not know', async () => {
  await new Promise((resolve) => setTimeout(resolve, 1100));
  await grafana.rotate();
  assert.equal((await verifier.verify(await grafana.sign('admin', 'Admin'))).login, 'admin');
});

test('says that the keys cannot be had, and never 500', async () => {
  const lost = createIdentityVerifier([{ ...trust(grafana), keysUrl: 'http://127.0.0.1:9/keys' }]);
  const error = await lost.verify(await grafana.sign('admin', 'Admin')).catch((thrown: unknown) => thrown);
  assert.equal((error as ProblemError).status, 503);
});

test('asks for the keys once, and for unknown key ids no oftener than the cooldown allows', async () => {
  const thrifty = createIdentityVerifier([trust(grafana)], 60_000);
  const before = grafana.asked();
  await Promise.all(Array.from({ length: 20 }, async () => thrifty.verify(await grafana.sign('admin', 'Admin'))));
  assert.equal(grafana.asked() - before, 1);
  const { privateKey } = await generateKeyPair('ES256');
  for (let number = 0; number < 20; number += 1) {
    const header = { alg: 'ES256', kid: `made-up-${number}` };
    const token = await new SignJWT(claimsOf()).setProtectedHeader(header).sign(privateKey);
    assert.equal((await refusal(token, thrifty)).status, 401);
  }
  assert.equal(grafana.asked() - before, 1);
});

test('takes the console where it is configured, under names that are nobody else’s, and nowhere else', async () => {
  const both = createIdentityVerifier([trust(grafana), trustConsole()]);
  const aud = 'dfr-ops-console';
  const token = await console.sign('admin', 'Admin', { aud });
  assert.equal((await both.verify(token)).login, 'console:admin');
  assert.equal((await both.verify(await console.sign('console:ada', 'Admin', { aud }))).login, 'console:ada');
  assert.equal((await both.verify(await grafana.sign('admin', 'Admin'))).login, 'admin');
  assert.equal((await refusal(token)).status, 401, 'where it is not configured');
  const wrong: Array<[string, string]> = [
    ["Grafana's audience", await console.sign('admin', 'Admin')],
    ["the console's audience from Grafana", await grafana.sign('admin', 'Admin', { aud })],
    ["Grafana's issuer under the console's key", await console.sign('admin', 'Admin', { iss: grafana.issuer })],
    ["the console's issuer under Grafana's key", await grafana.sign('admin', 'Admin', { iss: console.issuer, aud })],
    ["a name of the console's in Grafana", await grafana.sign('console:admin', 'Admin')],
  ];
  for (const [name, bad] of wrong) {
    assert.equal((await refusal(bad, both)).status, 401, name);
  }
});

test('one issuer whose keys are gone takes nothing from the other', async () => {
  const half = createIdentityVerifier([{ ...trust(grafana), keysUrl: 'http://127.0.0.1:9/keys' }, trustConsole()]);
  const token = await console.sign('admin', 'Admin', { aud: 'dfr-ops-console' });
  assert.equal((await half.verify(token)).login, 'console:admin');
  assert.equal((await refusal(await grafana.sign('admin', 'Admin'), half)).status, 503);
});
