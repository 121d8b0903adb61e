import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  makeCertificateAuthority,
  pem,
  type Certificate,
  type CertificateAuthority,
} from '../../../agent/src/test/certificates.ts';
import { freePort } from '../../../stand-ins/src/test/freePort.ts';
import { readConfig } from '../config.ts';
import { startNginxUnderTest, type NginxUnderTest } from '../test/nginxUnderTest.ts';
import { connectNginxAgent } from './nginxAgent.ts';

let nginx: NginxUnderTest;
let authority: CertificateAuthority;
let foreign: CertificateAuthority;
let url: string;

before(async () => {
  [authority, foreign] = [makeCertificateAuthority('DFR Ops'), makeCertificateAuthority('Somebody else')];
  const port = await freePort();
  url = `https://127.0.0.1:${port}`;
  const own = authority.issue('agent');
  nginx = await startNginxUnderTest({
    AGENT_LISTEN: `127.0.0.1:${port}`,
    AGENT_TLS_CERT_FILE: own.cert,
    AGENT_TLS_KEY_FILE: own.key,
    AGENT_TLS_CLIENT_CA_FILE: authority.ca,
  });
});
after(async () => {
  await nginx.stop();
  authority.remove();
  foreign.remove();
});

async function statusBy(shown: Certificate | null, ca: string) {
  const agent = connectNginxAgent({
    url,
    cert: shown ? pem(shown.cert) : '',
    key: shown ? pem(shown.key) : '',
    ca: pem(ca),
  });
  try {
    return await agent.status();
  } finally {
    await agent.close();
  }
}

test('the agent on another host is asked over mutual TLS, as over its socket', async () => {
  const answer = await statusBy(authority.issue('action-service'), authority.ca);
  assert.deepEqual([answer.ok, answer.upstream.length], [true, 2]);
  assert.deepEqual(answer.upstream, (await nginx.connector.status()).upstream);
});

test("refused in words: no certificate, a foreign CA's, an agent whose own is foreign", async () => {
  await assert.rejects(statusBy(null, authority.ca), /does not answer at https:.*certificate/);
  await assert.rejects(statusBy(foreign.issue('action-service'), authority.ca), /does not answer.*certificate/);
  await assert.rejects(
    statusBy(authority.issue('action-service'), foreign.ca),
    /its certificate is not from the authority that we trust/
  );
});

test('half of its settings is a wrong environment', () => {
  const environment = {
    NGINX_AGENT_URL: url,
    NGINX_AGENT_CERT_FILE: authority.issue('action-service').cert,
  };
  assert.throws(() => readConfig({ ...settings(), ...environment }), /NGINX_AGENT_CA_FILE are needed together/);
  assert.throws(() => readConfig({ ...settings(), NGINX_AGENT_URL: 'http://127.0.0.1:1' }), /https:\/\/host:port/);
  assert.equal(readConfig(settings()).nginxAgentTls, null);
});

function settings(): Record<string, string> {
  return {
    DFR_OPS_LISTEN: '127.0.0.1:1',
    DATABASE_URL: 'postgres://x@127.0.0.1/x',
    DFR_OPS_SECRET_FILE: authority.ca,
    DFR_OPS_POLICY_FILE: '/nowhere',
    DFR_OPS_WEBHOOK_TOKEN_FILE: authority.ca,
    DFR_OPS_PUBLIC_URL: 'http://127.0.0.1:1',
    DFR_OPS_SELF_URL: 'http://127.0.0.1:1',
    GRAFANA_ISSUER: 'http://127.0.0.1:1',
    GRAFANA_KEYS_URL: 'http://127.0.0.1:1',
    PROMETHEUS_URL: 'http://127.0.0.1:1',
    ALERTMANAGER_URLS: 'http://127.0.0.1:1',
  };
}
