import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { request } from 'node:https';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { connect } from 'node:tls';
import { AgentAnswer } from '@dfr-ops/contracts';
import { freePort } from '../../stand-ins/src/test/freePort.ts';
import { readConfig } from './config.ts';
import { makeCertificateAuthority, pem, type Certificate, type CertificateAuthority } from './test/certificates.ts';
import { makeScratchNginx, type ScratchNginx } from './test/scratchNginx.ts';
import { until } from './test/scratchPostgres.ts';

let nginx: ScratchNginx;
let authority: CertificateAuthority;
let foreign: CertificateAuthority;
let service: Certificate;
let agent: ChildProcess;
let port: number;
let environment: Record<string, string>;

before(async () => {
  [nginx, port] = [await makeScratchNginx(), await freePort()];
  [authority, foreign] = [makeCertificateAuthority('DFR Ops'), makeCertificateAuthority('Somebody else')];
  service = authority.issue('action-service');
  const own = authority.issue('agent');
  const { files } = nginx;
  environment = {
    AGENT_SOCKET: join(nginx.folder, 'agent.sock'),
    NGINX_BIN: files.binary,
    NGINX_PREFIX: files.prefix,
    NGINX_CONF: files.conf,
    NGINX_PID_FILE: files.pidFile,
    NGINX_UPSTREAM_INCLUDE: files.upstreamInclude,
    NGINX_ERROR_LOG: files.errorLog,
    AGENT_LISTEN: `127.0.0.1:${port}`,
    AGENT_TLS_CERT_FILE: own.cert,
    AGENT_TLS_KEY_FILE: own.key,
    AGENT_TLS_CLIENT_CA_FILE: authority.ca,
  };
  agent = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], { stdio: 'ignore', env: environment });
  await until(async () => (await ask(service)).ok, 'the agent answers');
});
after(async () => {
  agent.kill('SIGKILL');
  authority.remove();
  foreign.remove();
  await nginx.remove();
});

function ask(shown: Certificate | null, more: object = {}): Promise<AgentAnswer> {
  const keys = shown ? { cert: pem(shown.cert), key: pem(shown.key) } : {};
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port,
      method: 'POST',
      path: '/v1/status',
      ca: pem(authority.ca),
      agent: false,
    };
    const sent = request({ ...options, ...keys, ...more }, async (answer) => {
      const text = (await answer.toArray()).join('');
      resolve(AgentAnswer.parse(JSON.parse(text)));
    });
    sent.on('error', reject);
    sent.end();
  });
}

test('whoever shows a certificate of the client CA is answered, over TLS 1.3', async () => {
  const answer = await ask(service);
  assert.deepEqual([answer.ok, answer.running, answer.upstream.length], [true, false, 2]);
  await assert.rejects(ask(service, { maxVersion: 'TLSv1.2' }), /protocol version|alert/i);
});

test("refused: no certificate, a foreign CA's, plain text", async () => {
  await assert.rejects(ask(null), /certificate required|hang up|ECONNRESET/);
  await assert.rejects(ask(foreign.issue('action-service')), /unknown ca|hang up|ECONNRESET/);
  await assert.rejects(fetch(`http://127.0.0.1:${port}/v1/status`, { method: 'POST' }));
  assert.equal((await ask(service)).ok, true, 'it goes on answering the others');
});

test('a client tells another server from the agent by its certificate', async () => {
  await assert.rejects(ask(service, { ca: pem(foreign.ca) }), /self-signed|unable to (verify|get)/);
  const socket = connect({
    host: '127.0.0.1',
    port,
    ca: pem(authority.ca),
    cert: pem(service.cert),
    key: pem(service.key),
  });
  await new Promise((resolve) => socket.once('secureConnect', resolve));
  assert.equal(socket.getPeerCertificate().subject.CN, 'agent');
  socket.destroy();
});

test('half of the settings is a wrong environment: it never listens without asking for certificates', () => {
  const { AGENT_TLS_CLIENT_CA_FILE: _left, ...half } = environment;
  assert.throws(() => readConfig(half), /AGENT_TLS_CLIENT_CA_FILE: is needed with AGENT_LISTEN/);
  assert.throws(
    () => readConfig({ ...environment, AGENT_TLS_KEY_FILE: '/nowhere.key' }),
    /\/nowhere\.key cannot be read/
  );
  assert.equal(readConfig({ ...half, AGENT_LISTEN: '', AGENT_TLS_CERT_FILE: '', AGENT_TLS_KEY_FILE: '' }).tls, null);
});
