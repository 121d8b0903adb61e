import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import type { AgentAnswer } from '@dfr-ops/contracts';
import { connectOdoo } from '../connectors/odoo.ts';
import type { NginxAgentConnector } from '../connectors/nginxAgent.ts';
import { checkAgent } from './checkAgent.ts';
import { checkIdentityKeys } from './checkIdentityKeys.ts';
import { checkOdoo } from './checkOdoo.ts';
import { checkFrozen, checkSources, checkWatchdog } from './checkSources.ts';

const servers: Server[] = [];
after(() => servers.forEach((server) => server.close()));

async function answering(answer: (body: string) => unknown): Promise<string> {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) {
      body += part;
    }
    response.end(JSON.stringify(answer(body)));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const odooAt = (url: string) => connectOdoo({ url, db: 'dfr', login: 'dfr-ops', password: 'p' });
const odooWith = (uid: number | false, refused = '') =>
  answering((body) => {
    if (body.includes('"authenticate"')) {
      return { result: uid };
    }
    return refused && body.includes(refused) ? { error: { message: `no access to ${refused}` } } : { result: 3 };
  });

test('Odoo: an account of its own with the rights is well; the administrator, a refusal and silence are told', async () => {
  const stateOf = async (url: string) => {
    const { state, text } = await checkOdoo(odooAt(url), 'dfr-ops');
    return `${state}: ${text}`;
  };
  assert.match(await stateOf(await odooWith(7)), /^ok: dfr-ops \(uid 7\)/);
  assert.match(await stateOf(await odooWith(2)), /^warning: .*uid 2: Odoo's own administrator/);
  assert.match(await stateOf(await odooWith(false)), /^failed: .*does not let dfr-ops in/);
  assert.match(await stateOf(await odooWith(7, 'mail.mail')), /^failed: .*no access to mail\.mail/);
  assert.match(await stateOf('http://127.0.0.1:9'), /^failed: .*does not answer/);
  assert.match((await checkOdoo(null, null)).text, /^Not checked, because/);
});

test('identity keys: at least one for ES256', async () => {
  const stateOf = async (keys: unknown) => (await checkIdentityKeys(await answering(() => keys))).state;
  assert.equal(await stateOf({ keys: [{ kty: 'EC', crv: 'P-256' }] }), 'ok');
  assert.equal(await stateOf({ keys: [{ kty: 'RSA' }] }), 'failed');
  assert.equal(await stateOf({ message: 'not found' }), 'failed');
  assert.match((await checkIdentityKeys('http://127.0.0.1:9/keys')).text, /cannot be reached/);
});

const well: AgentAnswer = {
  ok: true,
  running: true,
  pid: 1,
  workersSince: 1,
  upstream: [{ server: 'odoo:8069', down: false }],
  upstreamWritable: true,
  output: '',
};
const agentWith = (answer: Partial<AgentAnswer>) =>
  ({ test: async () => ({ ...well, ...answer }) }) as unknown as NginxAgentConnector;

test('agent: nginx -t, Nginx itself, and the include', async () => {
  const stateOf = async (answer: Partial<AgentAnswer>) => (await checkAgent(agentWith(answer))).text;
  assert.equal((await checkAgent(agentWith({}))).state, 'ok');
  assert.match(await stateOf({ ok: false, output: 'unknown directive' }), /nginx -t fails: unknown directive/);
  assert.match(await stateOf({ running: false }), /does not run/);
  assert.match(await stateOf({ upstreamWritable: false }), /cannot be rewritten/);
  assert.match(await stateOf({ upstream: [] }), /names no server/);
  assert.match((await checkAgent(null)).text, /^Not checked, because/);
});

test('sources, a freeze and the Watchdog', () => {
  const source = {
    name: 'store',
    kind: 'store' as const,
    ok: true,
    error: null,
    checkedAt: '2026-11-24T00:00:00.000Z',
  };
  assert.equal(checkSources([source])[0]?.state, 'ok');
  const [down] = checkSources([{ ...source, ok: false, error: 'ECONNREFUSED' }]);
  assert.deepEqual([down?.state, down?.text], ['failed', 'ECONNREFUSED']);
  assert.match(down?.remedy ?? '', /DATABASE_URL/);
  assert.equal(checkSources([{ ...source, ok: false, error: 'not configured', checkedAt: null }])[0]?.state, 'warning');
  assert.equal(checkFrozen(null).state, 'ok');
  assert.match(checkFrozen('Migration').text, /Migration/);
  const now = new Date();
  assert.equal(checkWatchdog(new Date(now.getTime() - 5000), now, 60).state, 'ok');
  assert.match(checkWatchdog(new Date(now.getTime() - 90_000), now, 60).text, /Silent for 90 s/);
  assert.equal(checkWatchdog(null, now, 60).state, 'failed');
});
