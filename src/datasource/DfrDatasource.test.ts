import { dateTime, type DataQueryRequest, type DataSourceInstanceSettings, type DataFrame } from '@grafana/data';
import { setTemplateSrv, type TemplateSrv } from '@grafana/runtime';
import { ago, buildAlert, buildAlertsAnswer, buildSource } from '../test/buildAlert';
import { anIncident, at } from '../test/builders';
import { buildRun } from '../test/buildAction';
import { FakeGrafana, ok } from '../test/fakeGrafana';
import { DfrDatasource } from './DfrDatasource';
import type { DfrOptions, DfrQuery } from './types';

let uids = 0;
const datasource = () => new DfrDatasource({ uid: `ds-${++uids}`, name: 'DFR Ops', type: 'dfr-ops-datasource', jsonData: {} } as unknown as DataSourceInstanceSettings<DfrOptions>);
const range = { from: dateTime('2026-03-01T10:00:00Z'), to: dateTime('2026-03-01T11:00:00Z'), raw: { from: 'now-1h', to: 'now' } };
const request = (query: Partial<DfrQuery>) => ({ targets: [{ refId: 'A', ...query }], range, scopedVars: {} }) as unknown as DataQueryRequest<DfrQuery>;
const rowOf = (frame: DataFrame) => Object.fromEntries(frame.fields.map((field) => [field.name, field.values[0]]));

beforeEach(() => {
  setTemplateSrv({ replace: (text?: string) => (text ?? '').replace('$severity', 'critical') } as TemplateSrv);
});

it('reads alerts with matchers and variables', async () => {
  const grafana = new FakeGrafana().on('GET read/alerts', ok(buildAlertsAnswer([buildAlert()])));
  const { data } = await datasource().query(request({ queryType: 'alerts', filters: ['severity="$severity"', ' '] }));
  expect(grafana.seen[0]!.query.getAll('filter')).toEqual(['severity="critical"']);
  expect(rowOf(data[0])).toMatchObject({ alert: 'PostgresTooManyConnections', severity: 'warning', state: 'firing', value: 87.25 });
});

it('marks an answer that lacks a source', async () => {
  new FakeGrafana().on('GET read/alerts', ok(buildAlertsAnswer([], { sources: [buildSource({ ok: false, error: 'refused' })] })));
  const { data } = await datasource().query(request({}));
  expect(data[0].meta.notices[0].text).toContain('Prometheus could not be asked: refused');
});

it('reads runs, and never more than reads', async () => {
  const grafana = new FakeGrafana().on('GET read/runs', ok({ at: ago(0), runs: [buildRun({ finishedAt: ago(0) })] }));
  const { data } = await datasource().query(request({ queryType: 'runs', actionId: 'odoo.restart', limit: 5 }));
  expect(Object.fromEntries(grafana.seen[0]!.query)).toEqual({ actionId: 'odoo.restart', limit: '5' });
  expect(rowOf(data[0])).toMatchObject({ action: 'postgres.terminate-idle', by: 'admin' });
  expect(grafana.seen.every(({ method }) => method === 'GET')).toBe(true);
});

it.each(['runs', 'incidents'] as const)('reads %s of the dashboard\'s country, environment and service; All asks for any', async (queryType) => {
  const values: Record<string, string> = { $country: 'SLE', $env: 'demo', $service: '.+' };
  setTemplateSrv({ replace: (text?: string) => values[text ?? ''] ?? text ?? '' } as TemplateSrv);
  const grafana = new FakeGrafana().on(`GET read/${queryType}`, ok({ at: ago(0), [queryType]: [] }));
  const query = { queryType, country: '$country', env: '$env', service: '$service' };
  await datasource().query(request(query));
  values.$service = 'odoo,nginx';
  await datasource().query(request(query));
  const asked = grafana.seen.map(({ query: sent }) => ['country', 'env', 'service'].map((name) => sent.get(name)));
  expect(asked).toEqual([
    ['SLE', 'demo', null],
    ['SLE', 'demo', 'odoo,nginx'],
  ]);
});

it('reads incidents with the time until somebody acknowledged; none where nobody did', async () => {
  const acknowledged = { by: 'admin', at: at(95), until: at(4000), comment: 'on it' };
  const incidents = [anIncident({ firingAt: at(5), acknowledged }), anIncident({ firingAt: at(5), acknowledged: null })];
  new FakeGrafana().on('GET read/incidents', ok({ at: ago(0), incidents }));
  const { data } = await datasource().query(request({ queryType: 'incidents', state: 'all' }));
  const field = (data[0] as DataFrame).fields.find(({ name }) => name === 'time to acknowledge');
  expect(field?.values).toEqual([90_000, null]);
});

it('draws runs and incidents as annotations of the window', async () => {
  const grafana = new FakeGrafana().on('GET read/annotations', ok({ annotations: [{ time: 1, timeEnd: 2, title: 'End idle sessions', text: 'by admin', tags: ['action'], incidentId: null, runId: 'r' }] }));
  const source = datasource();
  const query = source.annotations.prepareQuery!({ name: 'DFR', enable: true, iconColor: 'red' })!;
  const { data } = await source.query(request(query));
  expect(Object.fromEntries(grafana.seen[0]!.query)).toEqual({ from: String(range.from.valueOf()), to: String(range.to.valueOf()) });
  expect(rowOf(data[0])).toMatchObject({ time: 1, timeEnd: 2, title: 'End idle sessions', tags: ['action'] });
});

it('fails in words when the service is down', async () => {
  new FakeGrafana();
  await expect(datasource().query(request({}))).rejects.toThrow(/action service does not answer.*Start the action service/);
});

describe('health', () => {
  const health = { at: ago(0), version: '0.1.0', ok: true, sources: [buildSource()], frozen: null, watchdogAt: null, demonstration: false };
  it('is well', async () => {
    new FakeGrafana().on('GET read/health', ok(health));
    expect(await datasource().testDatasource()).toMatchObject({ status: 'success', message: expect.stringContaining('0.1.0') });
  });
  it('names what is not', async () => {
    new FakeGrafana().on('GET read/health', ok({ ...health, ok: false, sources: [buildSource({ ok: false, error: 'refused' })] }));
    expect(await datasource().testDatasource()).toMatchObject({ status: 'warning', message: expect.stringContaining('Prometheus: refused') });
  });
  it('says what to do when the service refuses the identity', async () => {
    new FakeGrafana().on('GET read/health', { status: 400, body: { message: 'Authentication to data source failed' } });
    expect(await datasource().testDatasource()).toMatchObject({ status: 'error', message: expect.stringContaining('GRAFANA_ISSUER') });
  });
});
