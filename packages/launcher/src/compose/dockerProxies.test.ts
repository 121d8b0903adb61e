import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readComposeFile } from './test/readComposeFile.ts';

const compose = readComposeFile({ DFR_OPS_UID: '1000', DFR_OPS_GID: '1000', DFR_OPS_DOCKER_GID: '999' });

/** Judges as the proxy does: one expression per method, matched against the whole path without its query. */
function judge(name: string): (request: string) => boolean {
  const { command = [] } = compose.services[name] ?? {};
  const rules = command.flatMap((flag) => {
    const [, method, expression] = /^-allow([A-Z]+)=(.+)$/.exec(flag) ?? [];
    return method && expression ? [{ method, expression: new RegExp(`^(?:${expression})$`) }] : [];
  });
  return (request) => {
    const [method, path = ''] = request.split(' ');
    return rules.some((rule) => rule.method === method && rule.expression.test(path.split('?')[0] ?? ''));
  };
}

test('the service may look at, restart and signal DFR’s three containers', () => {
  const allows = judge('docker-actions');
  for (const name of ['dfr_odoo_prod', 'dfr_postgres_prod', 'dfr_nginx_prod']) {
    for (const version of ['', '/v1.43', '/v1.52']) {
      assert.ok(allows(`GET ${version}/containers/${name}/json`));
      assert.ok(allows(`GET ${version}/containers/${name}/top`));
      assert.ok(allows(`GET ${version}/containers/${name}/top?ps_args=-eo%20pid,rss,args%3DCMD`));
      assert.ok(allows(`POST ${version}/containers/${name}/restart?t=10`));
      assert.ok(allows(`POST ${version}/containers/${name}/kill?signal=SIGHUP`));
    }
  }
});

test('it sees in Odoo’s log, and in no other, that the stacks were written', () => {
  assert.ok(judge('docker-actions')('GET /containers/dfr_odoo_prod/logs?stdout=1&stderr=1&tail=2000'));
});

test('and nothing else', () => {
  const allows = judge('docker-actions');
  const forbidden = [
    'GET /v1.43/containers/json',
    'GET /v1.43/containers/dfr-ops-store-1/json',
    'GET /v1.43/containers/dfr_postgres_prod/logs',
    'GET /v1.43/containers/dfr_nginx_prod/logs',
    'GET /v1.43/containers/dfr_odoo_prod/logs/x',
    'GET /v1.43/containers/dfr_odoo_prod/archive?path=/etc',
    'POST /v1.43/containers/dfr_odoo_prod/exec',
    'POST /v1.43/containers/dfr_odoo_prod/stop',
    'POST /v1.43/containers/dfr_odoo_prod/update',
    'POST /v1.43/containers/dfr_odoo_prodx/restart',
    'POST /v1.43/containers/create',
    'DELETE /v1.43/containers/dfr_odoo_prod',
    'POST /v1.43/containers/create/../dfr_odoo_prod/restart/x',
    'PUT /v1.43/containers/dfr_odoo_prod/archive',
  ];
  for (const name of ['dfr_odoo_prod', 'dfr_postgres_prod', 'dfr_nginx_prod']) {
    for (const other of [`${name}x`, `x${name}`, `${name}/../other`, `${name}%2f..%2fother`]) {
      forbidden.push(`GET /v1.43/containers/${other}/json`, `POST /v1.43/containers/${other}/restart`);
    }
  }
  assert.deepEqual(forbidden.filter(allows), []);
});

test('Alloy and cAdvisor may find containers and read their logs, and touch nothing', () => {
  const allows = judge('docker-proxy');
  const id = '3f'.repeat(32);
  for (const path of [
    '/_ping',
    '/v1.50/containers/json',
    '/v1.50/networks',
    '/v1.50/info',
    `/v1.50/containers/${id}/json`,
    `/v1.50/containers/${id}/logs`,
  ]) {
    assert.ok(allows(`GET ${path}`), path);
  }
  const forbidden = [
    `POST /v1.50/containers/${id}/restart`,
    `GET /v1.50/containers/${id}/archive`,
    `GET /v1.50/containers/${id}/export`,
    'GET /v1.50/secrets',
    'GET /v1.50/images/json',
    'POST /v1.50/containers/create',
  ];
  assert.deepEqual(forbidden.filter(allows), []);
  assert.ok(compose.services['docker-proxy']?.command?.includes('-allowfrom=alloy,cadvisor'));
});
