import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callRpc } from '../test/jsonrpc.ts';

export interface OdooUnderTest {
  url: string;
  database: string;
  login: string;
  password: string;
}

/** What DFR Ops relies on in Odoo 18: holds for the stand-in and for the real one alike. Changes nothing but one cron's `active`, and puts it back. */
export function odooContract(name: string, odoo: () => OdooUnderTest): void {
  const authenticate = async () => {
    const { url, database, login, password } = odoo();
    return (await callRpc(url, 'common', 'authenticate', [database, login, password, {}])).result;
  };
  const execute = async (model: string, method: string, args: unknown[], kwargs = {}) => {
    const { url, database, password } = odoo();
    return callRpc(url, 'object', 'execute_kw', [
      database,
      await authenticate(),
      password,
      model,
      method,
      args,
      kwargs,
    ]);
  };

  test(`${name}: health`, async () => {
    const plain = await fetch(`${odoo().url}/web/health`);
    assert.equal(plain.status, 200);
    assert.deepEqual(await plain.json(), { status: 'pass' });
    const database = await fetch(`${odoo().url}/web/health?db_server_status=1`);
    assert.equal(database.status, 200);
    assert.deepEqual(await database.json(), { status: 'pass', db_server_status: true });
    assert.deepEqual(await (await fetch(`${odoo().url}/websocket/health`)).json(), { status: 'pass' });
    assert.equal((await fetch(`${odoo().url}/no/such/page`)).status, 404);
    assert.equal((await fetch(`${odoo().url}/`, { redirect: 'manual' })).status, 303);
  });

  test(`${name}: the login page reads the database`, async () => {
    const page = await fetch(`${odoo().url}/web/login`);
    assert.equal(page.status, 200);
    assert.match(page.headers.get('content-type') ?? '', /^text\/html/);
  });

  test(`${name}: version and login; a wrong password is false, not an error`, async () => {
    const { url, database, login } = odoo();
    const version = (await callRpc(url, 'common', 'version', [])).result as { server_version_info: unknown[] };
    assert.equal(version.server_version_info[0], 18);
    assert.equal(typeof (await authenticate()), 'number');
    assert.equal((await callRpc(url, 'common', 'authenticate', [database, login, 'wrong', {}])).result, false);
    const foreign = await callRpc(url, 'object', 'execute_kw', [
      database,
      await authenticate(),
      'wrong',
      'ir.cron',
      'read',
      [[1]],
      {},
    ]);
    assert.equal(foreign.result, undefined);
    assert.equal(foreign.error?.data.name, 'odoo.exceptions.AccessDenied');
  });

  test(`${name}: crons are found, read and switched; times are UTC text`, async () => {
    const fields = [
      'cron_name',
      'active',
      'nextcall',
      'lastcall',
      'interval_number',
      'interval_type',
      'failure_count',
      'first_failure_date',
      'priority',
      'user_id',
    ];
    const found = await execute('ir.cron', 'search_read', [[['active', '=', true]], fields], { order: 'id', limit: 2 });
    const crons = found.result as Array<Record<string, unknown>>;
    assert.equal(crons.length, 2);
    assert.deepEqual(Object.keys(crons[0] ?? {}).sort(), ['id', ...fields].sort());
    assert.match(String(crons[0]?.nextcall), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
    assert.ok(Array.isArray(crons[0]?.user_id));
    const id = crons[0]?.id;
    assert.equal((await execute('ir.cron', 'write', [[id], { active: false }])).result, true);
    assert.deepEqual((await execute('ir.cron', 'read', [[id], ['active']])).result, [{ id, active: false }]);
    assert.equal((await execute('ir.cron', 'write', [[id], { active: true }])).result, true);
  });

  test(`${name}: what is inactive is found only when asked for; the context or the domain asks`, async () => {
    const all = { context: { active_test: false } };
    const count = async (domain: unknown[], kwargs = {}) =>
      Number((await execute('res.users', 'search_count', [domain], kwargs)).result);
    assert.equal(await count([['id', '=', 1]]), 0);
    assert.equal(await count([['id', '=', 1]], all), 1);
    assert.equal(
      await count([
        ['id', '=', 1],
        ['active', 'in', [true, false]],
      ]),
      1
    );
    const found = await execute('res.users', 'search_read', [[['id', '=', 1]], ['login', 'active']], all);
    assert.deepEqual(found.result, [{ id: 1, login: '__system__', active: false }]);
  });

  test(`${name}: modules, the cron of mails by its name, and which fields there are`, async () => {
    const modules = await execute('ir.module.module', 'search_read', [[['name', '=', 'base']], ['name', 'state']]);
    assert.deepEqual((modules.result as object[]).length, 1);
    assert.equal((modules.result as Array<{ state: string }>)[0]?.state, 'installed');
    const named = [
      ['module', '=', 'mail'],
      ['name', '=', 'ir_cron_mail_scheduler_action'],
    ];
    const [data] = (await execute('ir.model.data', 'search_read', [named, ['model', 'res_id']])).result as Array<{
      model: string;
      res_id: number;
    }>;
    assert.equal(data?.model, 'ir.cron');
    assert.equal(typeof data?.res_id, 'number');
    const fields = (await execute('ir.cron', 'fields_get', [['lastcall', 'no_such_field'], []])).result as object;
    assert.deepEqual(Object.keys(fields), ['lastcall']);
  });

  test(`${name}: errors come with status 200 and the exception's name`, async () => {
    const names: Array<[string, string, unknown[], RegExp]> = [
      ['ir.none', 'read', [[1]], /UserError/],
      ['ir.cron', 'explode', [[1]], /AttributeError/],
      ['ir.cron', '_callback', [[1]], /AccessError/],
      ['ir.cron', 'read', [[99_999_999], ['active']], /MissingError/],
      ['ir.cron', 'search_read', [[['no_such_field', '=', 1]]], /ValueError/],
    ];
    for (const [model, method, args, expected] of names) {
      const { error, result } = await execute(model, method, args);
      assert.equal(result, undefined, method);
      assert.match(error?.data.name ?? '', expected, method);
      assert.equal(error?.message, 'Odoo Server Error');
      assert.match(error?.data.debug ?? '', /^Traceback \(most recent call last\):/);
    }
  });

  test(`${name}: a method that returns None has no result`, async () => {
    const answer = await execute('mail.mail', 'process_email_queue', []);
    assert.equal(answer.error, undefined);
    assert.equal('result' in answer, false);
  });
}
