import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { LokiClient } from './lokiClient.ts';

export function metricQueries(loki: LokiClient): void {
  describe('queries that count', () => {
    const of = (service: string) => loki.selector(service);
    // A Loki in its own configuration guesses levels, and has a series for each.
    const per = (aggregation: string, selector: string) => `sum by (service) (${aggregation.replace('…', selector)})`;
    const both = `{run="${loki.run}",service=~"counted|other"}`;
    before(async () => {
      await loki.pushLines('counted', [
        [0, 'level=info one'],
        [1000, 'level=error two'],
        [1000, 'level=info three'],
        [10_000, 'level=info four'],
      ]);
      await loki.pushLines('other', [[5000, '{"level":"warn"}']]);
      await loki.pushLines('broken', [
        [5000, '{"level":"warn"}'],
        [6000, 'not json'],
      ]);
    });

    test('counts over windows that end at multiples of the step, their start left out', async () => {
      const window = { start: loki.at(-3000), end: loki.at(17_000) };
      assert.deepEqual(await loki.matrix(per('count_over_time(…[10s])', of('counted')), { ...window, step: '5' }), [
        {
          labels: { service: 'counted' },
          points: [
            [0, '1'],
            [5, '3'],
            [10, '3'],
            [15, '1'],
          ],
        },
      ]);
      assert.deepEqual(await loki.matrix(per('count_over_time(…[1s])', of('counted')), { ...window, step: '10s' }), [
        {
          labels: { service: 'counted' },
          points: [
            [0, '1'],
            [10, '1'],
          ],
        },
      ]);
      assert.deepEqual(await loki.matrix(per('count_over_time(…[1m])', of('nobody')), { step: '10' }), []);
    });

    test('without a step it takes one of a whole number of seconds', async () => {
      const [series] = await loki.matrix(per('count_over_time(…[2s])', of('other')), {});
      assert.deepEqual(series?.points, [
        [5, '1'],
        [6, '1'],
      ]);
    });

    test('rate, bytes and bytes a second', async () => {
      const value = async (query: string) => Object.values(await loki.vector(query, 10_000))[0];
      assert.equal(await value(per('rate(…[10s])', of('counted'))), '0.3');
      assert.equal(await value(per('bytes_over_time(…[10s])', of('counted'))), '46');
      assert.equal(await value(per('bytes_rate(…[10s])', of('other'))), '1.6');
    });

    test('sums by labels, without labels, and over everything', async () => {
      const levels = `${of('counted')} | logfmt [1m]`;
      assert.deepEqual(await loki.vector(`sum by (level) (count_over_time(${levels}))`), {
        '{"level":"info"}': '3',
        '{"level":"error"}': '1',
      });
      assert.deepEqual(await loki.vector(`sum(count_over_time(${both}[1m])) by (service)`), {
        '{"service":"counted"}': '4',
        '{"service":"other"}': '1',
      });
      assert.deepEqual(
        await loki.vector(`sum without (service, level, service_name, detected_level) (count_over_time(${levels}))`),
        { '{}': '4' }
      );
      const parts = (op: string) => loki.vector(`${op}(${per('count_over_time(…[1m])', both)})`);
      assert.deepEqual(
        await Promise.all(['sum', 'min', 'max', 'avg', 'count'].map(parts)),
        ['5', '1', '4', '2.5', '2'].map((value) => ({ '{}': value }))
      );
    });

    test('compares with a number, and reckons', async () => {
      const counts = `sum by (service) (count_over_time(${both}[1m]))`;
      const counted = '{"service":"counted"}';
      const other = '{"service":"other"}';
      assert.deepEqual(await loki.vector(`${counts} > 1`), { [counted]: '4' });
      assert.deepEqual(await loki.vector(`${counts} == 1`), { [other]: '1' });
      assert.deepEqual(await loki.vector(`${counts} > 4`), {});
      assert.deepEqual(await loki.vector(`(${counts}) * 2 - 1`), { [counted]: '7', [other]: '1' });
      assert.deepEqual(await loki.vector(`1 + 2 * ${counts} > 2 + 1`), { [counted]: '9' });
      assert.deepEqual(await loki.vector(`2 * (1 + ${counts})`), { [counted]: '10', [other]: '4' });
      assert.deepEqual(await loki.vector(`${counts} - 1 - 1`), { [counted]: '2', [other]: '-1' });
      assert.deepEqual(await loki.vector(`${counts} / ${counts}`), { [counted]: '1', [other]: '1' });
      assert.deepEqual(await loki.vector(`${counts} / 0`), { [counted]: 'NaN', [other]: 'NaN' });
      const share = `sum(count_over_time(${of('other')}[1m])) / sum(count_over_time(${both}[1m])) > 0.1`;
      assert.deepEqual(await loki.vector(share), { '{}': '0.2' });
    });

    test('a line that its parser could not read is refused, unless it is left out or nothing is asked of it', async () => {
      const broken = of('broken');
      const refused = await loki.queryRange(`sum by (level) (count_over_time(${broken} | json [1m]))`);
      assert.equal(refused.status, 400);
      assert.match(refused.text, /^pipeline error: 'JSONParserErr' for series: /);
      assert.deepEqual(await loki.vector(`sum by (level) (count_over_time(${broken} | json | __error__="" [1m]))`), {
        '{"level":"warn"}': '1',
      });
      assert.deepEqual(await loki.vector(`sum(count_over_time(${broken} | json [1m]))`), { '{}': '2' });
      // As Grafana's Explore counts for the graph above its lines.
      assert.deepEqual(await loki.vector(`sum by (service) (count_over_time(${broken} | json | drop __error__[1m]))`), {
        '{"service":"broken"}': '2',
      });
    });
  });
}
