import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Datasource, parseDatasources } from '../datasources/datasource.ts';
import { decideServerPath } from './serverPaths.ts';

const [prometheus, loki, alertmanager, nowhere] = parseDatasources([
  {
    uid: 'p',
    name: 'p',
    type: 'prometheus',
    url: 'http://prom:9090/sub/',
    basicAuth: true,
    basicAuthUser: 'ops',
    secureJsonData: { basicAuthPassword: 'geheim' },
  },
  { uid: 'l', name: 'l', type: 'loki', url: 'http://loki:3100' },
  { uid: 'a', name: 'a', type: 'alertmanager', url: 'http://am:9093' },
  { uid: 'n', name: 'n', type: 'prometheus' },
]) as [Datasource, Datasource, Datasource, Datasource];
const allowed = (datasource: Datasource, method: string, path: string) =>
  decideServerPath(datasource, { method, path }).ok;

test('queries pass with the basic authentication of the datasource', () => {
  const decision = decideServerPath(prometheus, { method: 'POST', path: 'api/v1/query_range' });
  assert.ok(decision.ok);
  assert.equal(decision.url.href, 'http://prom:9090/sub/api/v1/query_range');
  assert.equal(decision.headers.authorization, `Basic ${Buffer.from('ops:geheim').toString('base64')}`);
  assert.ok(allowed(prometheus, 'GET', 'api/v1/label/job/values'));
  assert.ok(allowed(loki, 'GET', 'loki/api/v1/query_range'));
  assert.ok(allowed(alertmanager, 'GET', 'api/v2/alerts'));
});

test('administration, writing and an address that is not set do not pass', () => {
  const refused: Array<[Datasource, string, string]> = [
    [prometheus, 'POST', '-/reload'],
    [prometheus, 'GET', 'api/v1/status/config'],
    [prometheus, 'POST', 'api/v1/admin/tsdb/delete_series'],
    [prometheus, 'GET', 'api/v1/query/../../../-/quit'],
    [prometheus, 'PUT', 'api/v1/query'],
    [loki, 'POST', 'loki/api/v1/push'],
    [alertmanager, 'POST', 'api/v2/silences'],
    [nowhere, 'GET', 'api/v1/query'],
  ];
  for (const [datasource, method, path] of refused) {
    assert.equal(allowed(datasource, method, path), false, `${method} ${path}`);
  }
});
