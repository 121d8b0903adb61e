import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type TestHost, startTestHost } from '../test/testHost.ts';

let host: TestHost;
before(async () => {
  host = await startTestHost([]);
});
after(() => host.close());

const get = (path: string) => fetch(`${host.url}${path}`);

test('each plugin is served under its own id, the nested one from its folder', async () => {
  assert.match(await (await get('/public/plugins/dfr-ops-app/module.js')).text(), /plugin: "app"/);
  assert.match(await (await get('/public/plugins/dfr-ops-datasource/module.js')).text(), /nested/);
  assert.match(await (await get('/public/plugins/dfr-ops-app/datasource/module.js')).text(), /nested/);
});

test('unknown plugins, missing files and climbing out are not found', async () => {
  for (const path of [
    '/public/plugins/other/module.js',
    '/public/plugins/dfr-ops-app/none.js',
    '/public/plugins/dfr-ops-datasource/..%2fplugin.json',
    '/public/plugins/dfr-ops-app/..%2f..%2fdata%2fx',
  ]) {
    const { status } = await get(path);
    assert.ok(status === 404 || status === 403, `${path}: ${status}`);
  }
});

test('icons that the library lacks are drawn, others are its own', async () => {
  for (const path of ['/public/build/img/icons/unicons/spinner.svg', '/public/build/img/icons/unicons/bell.svg']) {
    const answer = await get(path);
    assert.equal(answer.headers.get('content-type'), 'image/svg+xml', path);
    assert.match(await answer.text(), /<svg/);
  }
});
