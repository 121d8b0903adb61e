import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createServer } from 'node:tls';
import { after, test } from 'node:test';
import { provisioningFolder } from './render.ts';

const lacking = ['prometheus-blackbox-exporter', 'openssl'].filter((one) => spawnSync(one, ['--help']).error);
const skip = lacking.length > 0 ? `not run: ${lacking.join(', ')} is not installed` : false;
const folder = mkdtempSync(join(tmpdir(), 'dfr-tls-'));
after(() => rmSync(folder, { recursive: true }));

/** A certificate that nobody has signed and that ended on 2025-02-01. */
function endedCertificate(): { key: Buffer; cert: Buffer } {
  const openssl = (...args: string[]) => {
    const { status, stderr } = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' });
    assert.equal(status, 0, stderr);
  };
  writeFileSync(join(folder, 'index.txt'), '');
  writeFileSync(
    join(folder, 'ca.cnf'),
    '[ca]\ndefault_ca=d\n[d]\nnew_certs_dir=.\ndatabase=index.txt\nserial=serial\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n'
  );
  openssl('req', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'key', '-out', 'request', '-subj', '/CN=registry.example');
  const period = ['-startdate', '20250101000000Z', '-enddate', '20250201000000Z'];
  const selfSigned = ['-batch', '-config', 'ca.cnf', '-create_serial', '-selfsign', '-keyfile', 'key'];
  openssl('ca', ...selfSigned, '-in', 'request', '-out', 'cert', ...period);
  return { key: readFileSync(join(folder, 'key')), cert: readFileSync(join(folder, 'cert')) };
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

test('the end of a certificate is told, also when it is over and nobody trusts it', { skip }, async () => {
  const server = createServer(endedCertificate());
  const port = await listen(server);
  const free = createTcpServer();
  const exporterPort = await listen(free);
  await new Promise((resolve) => free.close(resolve));
  const exporter = spawn(
    'prometheus-blackbox-exporter',
    [
      `--web.listen-address=127.0.0.1:${exporterPort}`,
      `--config.file=${join(provisioningFolder, 'blackbox/blackbox.yml')}`,
    ],
    { stdio: 'ignore' }
  );
  const ask = async (target: string) => {
    const url = `http://127.0.0.1:${exporterPort}/probe?module=tls_certificate&target=${target}`;
    const answer = await fetch(url).catch(() => null);
    return answer?.ok ? answer.text() : null;
  };
  try {
    let answer = await ask(`127.0.0.1:${port}`);
    for (const deadline = Date.now() + 15_000; answer === null && Date.now() < deadline; await sleep(100)) {
      answer = await ask(`127.0.0.1:${port}`);
    }
    const end = /^probe_ssl_earliest_cert_expiry (\S+)$/m.exec(answer ?? '')?.[1];
    assert.equal(Number(end) * 1000, Date.UTC(2025, 1, 1));
    assert.doesNotMatch((await ask(`127.0.0.1:${exporterPort}`)) ?? '', /^probe_ssl_earliest_cert_expiry /m);
  } finally {
    exporter.kill();
    server.close();
  }
});
