import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Role } from '../access/users.ts';
import { type PluginRoute, decideRoute } from './routeMatch.ts';

const routes: PluginRoute[] = [
  {
    path: 'read',
    method: 'GET',
    reqRole: 'Viewer',
    url: '{{ .JsonData.serviceUrl }}/api/v1',
    headers: [{ name: 'X-Secret', content: '{{ .SecureJsonData.secret }}' }],
  },
  { path: 'act', method: 'POST', reqRole: 'Editor', url: '{{ .JsonData.serviceUrl }}/api/v1' },
  {
    path: 'keyed',
    method: 'GET',
    url: 'http://keyed',
    urlParams: [{ name: 'key', content: '{{ .SecureJsonData.secret }}' }],
  },
  { path: 'missing', method: 'GET', url: '{{ .JsonData.nowhere }}' },
  { path: 'strange', method: 'GET', url: 'http://strange', tokenAuth: {} } as PluginRoute,
];
const data = { JsonData: { serviceUrl: 'http://service:1' }, SecureJsonData: { secret: 's' }, URL: '' };
const decide = (method: string, path: string, role: Role) => decideRoute(routes, data, { method, path, role });
const status = (method: string, path: string, role: Role) => {
  const decision = decide(method, path, role);
  return decision.ok ? 200 : decision.status;
};

test('the matched prefix is replaced by the address of the route, and its headers are added', () => {
  const decision = decide('GET', 'read/incidents/7', 'Viewer');
  assert.ok(decision.ok);
  assert.equal(decision.url.href, 'http://service:1/api/v1/incidents/7');
  assert.deepEqual(decision.headers, { 'x-secret': 's' });
});

test('parameters of the route are added to the address', () => {
  const decision = decide('GET', 'keyed/x', 'Viewer');
  assert.ok(decision.ok);
  assert.equal(decision.url.href, 'http://keyed/x?key=s');
});

test('the role is at least the one asked for', () => {
  assert.equal(status('POST', 'act/runs', 'Admin'), 200);
  assert.equal(status('POST', 'act/runs', 'Editor'), 200);
  assert.equal(status('POST', 'act/runs', 'Viewer'), 403);
  assert.equal(status('GET', 'read/alerts', 'None'), 403);
});

test('a path that climbs out of its route is judged by where it arrives', () => {
  assert.equal(status('POST', 'read/../act/runs', 'Viewer'), 403);
  assert.equal(status('POST', 'read/../act/runs', 'Editor'), 200);
  assert.equal(status('GET', 'read/../act/runs', 'Admin'), 403);
  assert.equal(status('POST', 'read%2f..%2fact/runs', 'Admin'), 400);
});

test('what matches no route, no template or no known field goes nowhere', () => {
  assert.equal(status('DELETE', 'act/runs', 'Admin'), 403);
  assert.equal(status('GET', 'else', 'Admin'), 403);
  assert.equal(status('GET', '', 'Admin'), 403);
  assert.equal(status('GET', 'missing', 'Admin'), 500);
  assert.equal(status('GET', 'strange', 'Admin'), 403);
});

test('a catch-all with an empty path takes everything that is left', () => {
  const withCatchAll = [...routes, { path: '', reqRole: 'Admin', url: 'http://127.0.0.1:1' }];
  const decideAll = (role: Role) => decideRoute(withCatchAll, data, { method: 'DELETE', path: 'act/runs', role });
  assert.equal(decideAll('Editor').ok, false);
  assert.equal(decideAll('Admin').ok, true);
});
