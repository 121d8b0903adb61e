import assert from 'node:assert/strict';
import { test } from 'node:test';

/** What DFR Ops asks of a Loki; the same tests for the embedded log store and for a real one. */
export function lokiContract(name: string, baseUrl: () => string): void {
  const run = `r${Date.now()}${Math.floor(Math.random() * 1e6)}`;
  const t0 = Date.now() - 60_000;
  const ns = (ms: number) => `${Math.floor(ms)}000000`;

  const get = async (path: string, parameters: Record<string, string>) => {
    const response = await fetch(`${baseUrl()}${path}?${new URLSearchParams(parameters)}`);
    const text = await response.text();
    return { status: response.status, text, json: () => JSON.parse(text) };
  };
  const push = (streams: unknown) =>
    fetch(`${baseUrl()}/loki/api/v1/push`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ streams }),
    });
  const range = { start: ns(t0 - 5000), end: ns(t0 + 30_000) };
  const lines = async (query: string, more: Record<string, string> = {}) => {
    const answer = await get('/loki/api/v1/query_range', { query, ...range, ...more });
    assert.equal(answer.status, 200, answer.text);
    const { data } = answer.json();
    assert.equal(data.resultType, 'streams');
    return data.result.flatMap((stream: { values: Array<[string, string]> }) =>
      stream.values.map(([, line]) => line)
    ) as string[];
  };

  test(`${name}: takes lines with 204 and gives them back, newest first unless asked otherwise`, async () => {
    const pushed = await push([
      {
        stream: { run, service: 'odoo' },
        values: [
          [ns(t0), 'INFO a'],
          [ns(t0 + 1000), 'ERROR b'],
          [ns(t0 + 2000), 'INFO c'],
        ],
      },
      {
        stream: { run, service: 'nginx' },
        values: [
          [ns(t0), '{"status":502,"path":"/web"}'],
          [ns(t0 + 1000), '{"status":200,"path":"/web"}'],
        ],
      },
      { stream: { run, service: 'dfr' }, values: [[ns(t0), 'level=warn msg="slow query" took=12']] },
    ]);
    assert.equal(pushed.status, 204);
    assert.deepEqual(await lines(`{run="${run}",service="odoo"}`), ['INFO c', 'ERROR b', 'INFO a']);
    assert.deepEqual(await lines(`{run="${run}",service="odoo"}`, { direction: 'forward', limit: '2' }), [
      'INFO a',
      'ERROR b',
    ]);
    assert.deepEqual(await lines(`{run="${run}",service="odoo"}`, { start: ns(t0 + 500), end: ns(t0 + 2000) }), [
      'ERROR b',
    ]);
  });

  test(`${name}: selects by =, !=, =~, !~ and filters lines`, async () => {
    assert.equal((await lines(`{run="${run}",service=~"odoo|dfr"}`)).length, 4);
    assert.equal((await lines(`{run="${run}",service!="odoo",service!~"ng.*"}`)).length, 1);
    assert.deepEqual(await lines(`{run="${run}"} |= "ERROR"`), ['ERROR b']);
    assert.deepEqual(await lines(`{run="${run}",service="odoo"} != "INFO"`), ['ERROR b']);
    assert.deepEqual(await lines(`{run="${run}"} |~ "(?i)error"`), ['ERROR b']);
    assert.equal((await lines(`{run="${run}",service="odoo"} !~ "^INFO"`)).length, 1);
  });

  test(`${name}: reads json and logfmt and filters by their labels`, async () => {
    assert.equal((await lines(`{run="${run}",service="nginx"} | json | status >= 500`)).length, 1);
    assert.equal((await lines(`{run="${run}",service="nginx"} | json | path="/none"`)).length, 0);
    assert.equal((await lines(`{run="${run}",service="dfr"} | logfmt | level="warn" | took > 10`)).length, 1);
    assert.equal(
      (await lines(`{run="${run}",service="odoo"} | regexp "(?P<level>[A-Z]+) \\\\w" | level="ERROR"`)).length,
      1
    );
  });

  test(`${name}: counts over time, by label`, async () => {
    const answer = await get('/loki/api/v1/query', {
      query: `sum by (service) (count_over_time({run="${run}"}[1m]))`,
      time: ns(t0 + 30_000),
    });
    assert.equal(answer.status, 200, answer.text);
    const { data } = answer.json();
    assert.equal(data.resultType, 'vector');
    const counts = Object.fromEntries(
      data.result.map((row: { metric: { service: string }; value: [number, string] }) => [
        row.metric.service,
        row.value[1],
      ])
    );
    assert.deepEqual(counts, { odoo: '3', nginx: '2', dfr: '1' });
    const matrix = await get('/loki/api/v1/query_range', {
      query: `sum(rate({run="${run}",service="odoo"}[10s]))`,
      ...range,
      step: '5s',
    });
    const [series] = matrix.json().data.result;
    assert.equal(matrix.json().data.resultType, 'matrix');
    assert.equal(typeof series.values[0][0], 'number');
    assert.ok(
      series.values.some(([, value]: [number, string]) => Number(value) === 0.3),
      JSON.stringify(series.values)
    );
  });

  test(`${name}: names labels, values and series`, async () => {
    assert.ok((await get('/loki/api/v1/labels', range)).json().data.includes('service'));
    assert.ok((await get('/loki/api/v1/label/service/values', range)).json().data.includes('nginx'));
    const series = await get('/loki/api/v1/series', { 'match[]': `{run="${run}"}`, ...range });
    assert.equal(series.json().data.length, 3);
  });

  test(`${name}: answers the health check of Grafana`, async () => {
    const answer = await get('/loki/api/v1/query', { query: 'vector(1)+vector(1)', time: ns(Date.now()) });
    assert.equal(answer.json().data.result[0].value[1], '2');
    assert.equal((await fetch(`${baseUrl()}/ready`)).status, 200);
  });

  test(`${name}: refuses a query that is wrong, and takes nothing that is not a stream`, async () => {
    for (const query of ['{run="x"', '{}', `{run="${run}"} |~ "("`, 'count_over_time({run="x"})', '']) {
      const answer = await get('/loki/api/v1/query_range', { query, ...range });
      assert.equal(answer.status, 400, `${query}: ${answer.text}`);
    }
    assert.equal((await get('/loki/api/v1/query', { query: `{run="${run}"}` })).status, 400);
    assert.equal((await push([{ stream: { run }, values: [['not a time', 'x']] }])).status, 400);
    assert.deepEqual(await lines(`{run="${run}",service=""}`), []);
  });
}
