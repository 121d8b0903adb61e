import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { LokiClient } from './lokiClient.ts';

const hour = 3_600_000;
const day = 24 * hour;

export function api(loki: LokiClient): void {
  describe('the rest of the API', () => {
    const kept = loki.selector('kept');
    before(() => loki.pushLines('kept', [[0, 'a line']]));

    test('names labels and their values, and leaves data out when there are none', async () => {
      const json = async (path: string, more = {}) =>
        JSON.parse((await loki.get(path, { ...loki.range, ...more })).text);
      const labels = await json('/loki/api/v1/labels', { query: kept });
      assert.equal(labels.status, 'success');
      assert.deepEqual(
        labels.data.filter((name: string) => name !== 'service_name'),
        ['run', 'service']
      );
      assert.ok((await json('/loki/api/v1/label/service/values')).data.includes('kept'));
      assert.deepEqual((await json('/loki/api/v1/label/service/values', { query: kept })).data, ['kept']);
      assert.deepEqual(await json('/loki/api/v1/label/nothing/values'), { status: 'success' });
      const before = { start: loki.at(-20 * hour), end: loki.at(-19 * hour), query: kept };
      assert.deepEqual(await json('/loki/api/v1/labels', before), { status: 'success' });
      const piped = await loki.get('/loki/api/v1/label/service/values', { ...loki.range, query: `${kept} |= "x"` });
      assert.deepEqual([piped.status, piped.text.trim()], [400, 'only label matchers are supported']);
    });

    test('names series', async () => {
      const series = async (match: string) =>
        JSON.parse((await loki.get('/loki/api/v1/series', { ...loki.range, 'match[]': match })).text).data;
      const [labels, ...others] = await series(kept);
      assert.deepEqual([labels.run, labels.service, others.length], [loki.run, 'kept', 0]);
      assert.deepEqual(await series(`{run="${loki.run}",service="nobody"}`), []);
      assert.ok((await series('{}')).some((one: Record<string, string>) => one.run === loki.run));
      assert.equal((await loki.get('/loki/api/v1/series', { 'match[]': '{run="' })).status, 400);
    });

    test('tells how much there is', async () => {
      const answer = await loki.get('/loki/api/v1/index/stats', { ...loki.range, query: kept });
      const stats = JSON.parse(answer.text);
      assert.deepEqual(Object.keys(stats).sort(), ['bytes', 'chunks', 'entries', 'streams']);
      assert.ok(Object.values(stats).every((value) => typeof value === 'number'));
      assert.equal((await loki.get('/loki/api/v1/index/stats', { ...loki.range, query: 'x' })).status, 400);
    });

    test("answers Grafana's questions: is it there, is it well, has it rules", async () => {
      assert.deepEqual(await loki.vector('vector(1)+vector(1)'), { '{}': '2' });
      assert.equal((await loki.get('/ready')).status, 200);
      assert.equal(typeof JSON.parse((await loki.get('/loki/api/v1/status/buildinfo')).text).version, 'string');
      for (const [path, key] of [
        ['/prometheus/api/v1/rules', 'groups'],
        ['/prometheus/api/v1/alerts', 'alerts'],
      ] as const) {
        const { status, text } = await loki.get(path);
        // 404: somebody's Loki whose ruler is off.
        assert.ok(status === 404 || Array.isArray(JSON.parse(text).data[key]), text);
      }
      assert.equal((await loki.get('/loki/api/v1/nothing')).status, 404);
    });

    test('takes no line that is too old or too new, and keeps those beside it', async () => {
      const stream = { run: loki.run, service: 'aged' };
      const old = await loki.push([
        {
          stream,
          values: [
            [loki.at(-40 * day), 'old'],
            [loki.at(0), 'fine'],
          ],
        },
      ]);
      assert.equal(old.status, 400);
      assert.match(
        old.text,
        /entry for stream '\{run="r\d+", service="aged"[^}]*\}' has timestamp too old: \d{4}-[\dT:-]+Z, oldest acceptable timestamp is: /
      );
      const young = await loki.push([{ stream, values: [[loki.at(3_600_000), 'new']] }]);
      assert.equal(young.status, 400);
      assert.match(young.text, /has timestamp too new: /);
      assert.deepEqual(await loki.lines(loki.selector('aged')), ['fine']);
    });

    test('takes nothing that is not a stream, and says so in plain text', async () => {
      const value = [loki.at(0), 'x'];
      const bodies: Array<[number, RegExp, unknown]> = [
        [400, /./, [{ stream: { 'a-b': 'x' }, values: [value] }]],
        [400, /./, [{ stream: { run: loki.run }, values: [['not a time', 'x']] }]],
        [400, /./, [{ stream: { run: loki.run }, values: [[loki.t0, 'x']] }]],
        [422, /at least one valid stream is required for ingestion/, []],
      ];
      for (const [status, text, streams] of bodies) {
        const answer = await loki.push(streams);
        assert.equal(answer.status, status, `${JSON.stringify(streams)}: ${answer.text}`);
        assert.match(answer.text, text);
        assert.match(answer.type, /^text\/plain/);
      }
      assert.equal((await loki.push(null, 'no JSON')).status, 400);
      assert.equal((await loki.push([{ stream: { run: loki.run }, values: [] }])).status, 204);
    });

    test('refuses a query that is wrong, in plain text', async () => {
      const queries: Array<[string, RegExp]> = [
        ['', /^parse error : syntax error: unexpected \$end/],
        ['{run="x"', /^parse error at line 1, col \d+: syntax error: unexpected /],
        ['hello', /^parse error at line 1, col 1: syntax error/],
        ['{}', /^parse error : queries require at least one regexp or equality matcher/],
        ['{run=~".*"}', /^parse error : queries require at least one regexp or equality matcher/],
        ['{run!="x"}', /^parse error : queries require at least one regexp or equality matcher/],
        [`${kept} |~ "("`, /^parse error : stage '\|~ "\("' : error parsing regexp: missing closing \): `\(`/],
        [`${kept} |~ "(?=a)"`, /error parsing regexp: invalid or unsupported Perl syntax: `\(\?=`/],
        [`${kept} |= "\\q"`, /^parse error.*invalid char escape/],
        [`${kept} | regexp "x"`, /^parse error : invalid regexp parser: at least one named capture must be supplied/],
        [`${kept} | pattern "x"`, /^parse error : invalid pattern parser: at least one capture is required/],
        [`${kept} | pattern "<a><b>"`, /^parse error : invalid pattern parser: found consecutive capture '<a><b>'/],
        [`count_over_time(${kept})`, /^parse error at line 1/],
      ];
      for (const [query, text] of queries) {
        const answer = await loki.queryRange(query);
        assert.equal(answer.status, 400, `${query}: ${answer.text}`);
        assert.match(answer.text, text);
        assert.match(answer.type, /^text\/plain/);
      }
    });

    test('refuses what goes beyond its limits, and parameters that are wrong', async () => {
      const count = `count_over_time(${kept}[1m])`;
      const asked: Array<[string, Record<string, string>, RegExp]> = [
        [kept, { limit: '0' }, /^limit must be a positive value/],
        [kept, { limit: 'x' }, /./],
        [
          kept,
          { limit: '100001' },
          /^max entries limit per query exceeded, limit > max_entries_limit_per_query \(100001 > /,
        ],
        [kept, { direction: 'sideways' }, /^invalid direction 'sideways'/],
        [kept, { start: loki.at(1), end: loki.at(0) }, /^end timestamp must not be before or equal to start time/],
        [kept, { start: 'yesterday' }, /^could not parse 'start' parameter/],
        [kept, { start: loki.at(-40 * day) }, /^the query time range exceeds the limit \(query length: /],
        [count, { step: '1ms' }, /^exceeded maximum resolution of 11,000 points per time series/],
        [count, { step: '0' }, /^zero or negative query resolution step widths are not accepted/],
        [count, { step: 'x' }, /./],
      ];
      for (const [query, more, text] of asked) {
        const answer = await loki.queryRange(query, more);
        assert.equal(answer.status, 400, `${JSON.stringify(more)}: ${answer.text}`);
        assert.match(answer.text, text);
      }
      const instant = await loki.get('/loki/api/v1/query', { query: kept });
      assert.equal(instant.status, 400);
      assert.match(instant.text, /^log queries are not supported as an instant query type/);
    });
  });
}
