import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { z } from 'zod';
import { connectOdoo } from './odoo.ts';
import { OdooRefusal } from './odooRpc.ts';
import { UnreachableError } from './unreachable.ts';

const servers: Server[] = [];
after(() => servers.forEach((server) => server.close()));

type Params = { service: string; method: string; args: unknown[] };
/** Answers JSON-RPC as told, and keeps what was asked besides signing in. */
async function odooThat(answer: (params: Params) => { status?: number; body: unknown } | 'silence') {
  const asked: Params[] = [];
  const signedIn: Params[] = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const part of request) {
      text += part;
    }
    const { params } = JSON.parse(text) as { params: Params };
    if (params.method === 'authenticate') {
      signedIn.push(params);
      response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, result: params.args[2] === 'an-api-key' ? 7 : false }));
      return;
    }
    asked.push(params);
    const given = answer(params);
    if (given !== 'silence') {
      response
        .writeHead(given.status ?? 200)
        .end(typeof given.body === 'string' ? given.body : JSON.stringify(given.body));
    }
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const as = (password: string) => connectOdoo({ url, db: 'dfr', login: 'dfr-ops', password });
  return { asked, signedIn, as, odoo: as('an-api-key') };
}

const refusal = (name: string, message: string) => ({
  body: { jsonrpc: '2.0', id: 1, error: { code: 200, message: 'Odoo Server Error', data: { name, message } } },
});

test('an API key stands for the password, and goes along with every call', async () => {
  const { asked, odoo, as } = await odooThat(() => ({ body: { result: 3 } }));
  assert.equal(await odoo.countOf('mail.mail', [['state', '=', 'exception']]), 3);
  assert.deepEqual(asked[0]?.args, ['dfr', 7, 'an-api-key', 'mail.mail', 'search_count', [[['state', '=', 'exception']]], { context: { active_test: false } }]); // prettier-ignore
  await assert.rejects(as('wrong').countOf('mail.mail', []), /does not let dfr-ops in/);
});

test('a method that returns None answers null', async () => {
  const { odoo } = await odooThat(() => ({ body: { jsonrpc: '2.0', id: 1 } }));
  assert.equal(await odoo.call('mail.mail', 'process_email_queue', []), null);
});

test('an error with status 200 is a refusal in the first line of its words, with the exception', async () => {
  const { odoo } = await odooThat(() =>
    refusal('odoo.exceptions.AccessError', 'You are not allowed.\n\nContact somebody.')
  );
  await assert.rejects(odoo.call('ir.cron', 'write', [[1], { active: false }]), (error) => {
    assert.ok(error instanceof OdooRefusal);
    assert.equal(error.message, 'Odoo refused ir.cron.write: You are not allowed.');
    assert.equal(error.exception, 'odoo.exceptions.AccessError');
    return true;
  });
});

test('whoever was denied signs in anew: the user may be another by now', async () => {
  let denied = true;
  const { odoo, asked, signedIn } = await odooThat(() => (denied ? refusal('odoo.exceptions.AccessDenied', 'Access Denied') : { body: { result: 1 } })); // prettier-ignore
  await assert.rejects(odoo.countOf('ir.cron', []), /Access Denied/);
  denied = false;
  assert.equal(await odoo.countOf('ir.cron', []), 1);
  assert.equal(await odoo.countOf('ir.cron', []), 1);
  assert.deepEqual([asked.length, signedIn.length], [3, 2]);
});

test('no answer in time is not asked again', async () => {
  const { odoo, asked } = await odooThat(() => 'silence');
  const trigger = odoo.call('ir.cron', 'method_direct_trigger', [[1]], { timeoutMs: 1200 });
  await assert.rejects(trigger, (error) => error instanceof UnreachableError && /does not answer/.test(error.message));
  assert.equal(asked.length, 1);
});

test('what is not JSON-RPC, or has another shape than it should, is told as such', async () => {
  const gone = await odooThat(() => ({ status: 404, body: '<title>404 Not Found</title>' }));
  await assert.rejects(gone.odoo.countOf('ir.cron', []), /is not Odoo's JSON-RPC: status 404\. Odoo 19 and later/);
  const behind = await odooThat(() => ({ status: 502, body: {} }));
  await assert.rejects(behind.odoo.call('ir.cron', 'write', [[1], {}]), /status 502/);
  const odd = await odooThat(() => ({ body: { result: [{ id: 'one' }] } }));
  const query = { model: 'ir.cron', domain: [], fields: [] };
  await assert.rejects(odd.odoo.search(z.object({ id: z.number() }), query), /in a form that is understood \(0\.id:/);
});
