import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { type Server, createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { unzipSync } from 'fflate';
import { StartProblem, describeProblem } from '../problem.ts';
import { packagePlugin } from './packagePlugin.ts';
import { type TestBundle, makeTestBundle } from './testBundle.ts';

interface Asked {
  authorization: string | undefined;
  manifest: { plugin: string; version: string; rootUrls?: string[]; files: Record<string, string> };
}

/** Stands for the signing service of grafana.com: @grafana/sign-plugin itself is the real one. */
let server: Server;
let bundle: TestBundle;
let asked: Asked[] = [];
let answer: (manifest: unknown) => [status: number, body: string];

const clearSigned = (manifest: unknown) =>
  `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n${JSON.stringify(manifest)}\n-----BEGIN PGP SIGNATURE-----\n\nx\n-----END PGP SIGNATURE-----\n`;

beforeEach(async () => {
  bundle = makeTestBundle();
  asked = [];
  answer = (manifest) => [200, clearSigned(manifest)];
  const { key, cert } = certificate();
  server = createServer({ key, cert }, (request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      const manifest = JSON.parse(body) as Asked['manifest'];
      asked.push({ authorization: request.headers.authorization, manifest });
      const [status, text] = answer(manifest);
      response.writeHead(status).end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  bundle.remove();
});

function certificate() {
  const [key, cert] = [join(bundle.root, 'key.pem'), join(bundle.root, 'cert.pem')];
  const made = spawnSync(
    'openssl',
    // prettier-ignore
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1', '-subj', '/CN=test',
      '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert],
    { encoding: 'utf8' }
  );
  assert.equal(made.status, 0, made.stderr);
  return { key: readFileSync(key), cert: readFileSync(cert) };
}

const sign = (changes: NodeJS.ProcessEnv = {}) =>
  packagePlugin({
    root: bundle.root,
    dist: bundle.dist,
    out: join(bundle.root, 'out'),
    signing: {
      rootUrls: 'https://grafana.example.org',
      environment: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        GRAFANA_ACCESS_POLICY_TOKEN: 'a-token',
        GRAFANA_COM_URL: `https://127.0.0.1:${(server.address() as AddressInfo).port}/api`,
        NODE_EXTRA_CA_CERTS: join(bundle.root, 'cert.pem'),
        ...changes,
      },
    },
  });

test("the zip of a signed bundle holds the signature, made over each file's hash", async () => {
  const { zip, signed } = await sign();
  assert.equal(signed, true);
  const [request] = asked;
  assert.equal(asked.length, 1);
  assert.equal(request?.authorization, 'Bearer a-token');
  assert.deepEqual(request?.manifest.rootUrls, ['https://grafana.example.org']);
  assert.equal(request?.manifest.version, '1.2.3');

  const entries = unzipSync(readFileSync(zip));
  assert.match(Buffer.from(entries['test-ops-app/MANIFEST.txt'] ?? []).toString(), /BEGIN PGP SIGNED MESSAGE/);
  const nested = entries['test-ops-app/datasource/module.js'] ?? new Uint8Array();
  assert.equal(request?.manifest.files['datasource/module.js'], createHash('sha256').update(nested).digest('hex'));
});

const failures: Array<[name: string, cause: RegExp, prepare: () => NodeJS.ProcessEnv]> = [
  [
    'without a token',
    /GRAFANA_ACCESS_POLICY_TOKEN is not set\.\n {2}Make a token/,
    () => ({ GRAFANA_ACCESS_POLICY_TOKEN: '' }),
  ],
  [
    'with a token that is refused',
    /sign-plugin ended with 1\.[\s\S]*status code 401[\s\S]*Check the token/,
    () => {
      answer = () => [401, '{"message":"Unauthorized"}'];
      return {};
    },
  ],
  [
    'when what comes back is no signature of these files',
    /MANIFEST\.txt: it is no signature of this plugin/,
    () => {
      answer = () => [200, '<html>proxy</html>'];
      return {};
    },
  ],
];

for (const [name, cause, prepare] of failures) {
  test(`${name}, nothing is packaged`, async () => {
    const changes = prepare();
    await assert.rejects(
      () => sign(changes),
      (error) => error instanceof StartProblem && cause.test(describeProblem(error))
    );
    assert.ok(!existsSync(join(bundle.root, 'out')));
  });
}
