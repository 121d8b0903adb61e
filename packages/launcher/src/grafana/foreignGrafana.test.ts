import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { contractDatasources } from '../../../host/src/test/proxyContract.ts';
import { writeTestBundle } from '../../../host/src/test/testBundle.ts';
import { describeProblem } from '../problem.ts';
import { findGrafana } from './findGrafana.ts';
import { GrafanaApi } from './grafanaApi.ts';
import { provisionDatasources } from './provisionDatasources.ts';
import { reachGrafana } from './reachGrafana.ts';
import { startTestGrafana, type TestGrafana } from './startTestGrafana.ts';

const told = (work: Promise<unknown>) => work.then(() => 'no problem', describeProblem);
const api = (url: string, password = 'only-for-this-test') => new GrafanaApi(url, { user: 'admin', password });

test('what does not answer, or is no Grafana, is told with its address and what to do', async () => {
  const silent = await told(reachGrafana('http://127.0.0.1:9', api('http://127.0.0.1:9')));
  assert.match(silent, /^✗ Grafana: .*http:\/\/127\.0\.0\.1:9.*does not answer[^]*address is right/);
  const server = createServer((_request, response) => response.end('<html>hello</html>'));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  assert.match(await told(reachGrafana(url, api(url))), /does not answer as one/);
  server.close();
});

const program = findGrafana();
let grafana: TestGrafana;

before(async () => {
  if (program) {
    const [provisioned] = contractDatasources('http://127.0.0.1:1');
    grafana = await startTestGrafana(program, { datasources: [provisioned as object], install: writeTestBundle });
  }
});
after(() => grafana?.close());

const onGrafana = { skip: !program && 'no Grafana is installed' };

test('a wrong password is told as that', onGrafana, async () => {
  assert.match(
    await told(reachGrafana(grafana.url, api(grafana.url, 'wrong'))),
    /does not take the given user and password/
  );
});

test('its root_url is answered without the slash at its end', onGrafana, async () => {
  assert.equal(await reachGrafana(grafana.url, grafana.api), grafana.url);
});

test('datasources are set, and set again', onGrafana, async () => {
  const [, , , prometheus] = contractDatasources('http://127.0.0.1:2');
  await provisionDatasources(grafana.api, [prometheus as never]);
  await provisionDatasources(grafana.api, [{ ...prometheus, url: 'http://127.0.0.1:3' } as never]);
  const set = await grafana.api.get<{ url: string; isDefault: boolean }>('/api/datasources/uid/prom');
  assert.equal(set.url, 'http://127.0.0.1:3');
  assert.equal(set.isDefault, false);
});

test(
  'one that comes from its own files is left alone where it is the same, and told where it is not',
  onGrafana,
  async () => {
    const [same] = contractDatasources('http://127.0.0.1:1');
    await provisionDatasources(grafana.api, [same as never]);
    const [other] = contractDatasources('http://127.0.0.1:2');
    assert.match(
      await told(provisionDatasources(grafana.api, [other as never])),
      /dfr-ops is provisioned from its own files and points to http:\/\/127\.0\.0\.1:1, not to http:\/\/127\.0\.0\.1:2/
    );
  }
);

test('without the bundle it is of no use', onGrafana, async () => {
  const bare = await startTestGrafana(program as never, { datasources: [], provisionApp: false });
  const problem = await told(reachGrafana(bare.url, bare.api));
  await bare.close();
  assert.match(problem, /does not have the plugin dfr-ops-app[^]*npm run package/);
});
