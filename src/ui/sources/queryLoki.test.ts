import { failure, scriptBackend } from '../../test/backend';
import { queryLokiHistogram, queryLokiLines } from './queryLoki';

const range = 'GET /api/datasources/proxy/uid/dfr-loki/loki/api/v1/query_range';
const selector = '{service="odoo"}';

test('lines of several streams are one list, the newest first', async () => {
  const result = [
    {
      stream: { level: 'info' },
      values: [
        ['1700000001000000000', 'old'],
        ['1700000000999999999', 'older'],
      ],
    },
    { stream: { level: 'error' }, values: [['1700000001000000001', 'new']] },
  ];
  scriptBackend({ [range]: () => ({ data: { resultType: 'streams', result } }) });
  const lines = await queryLokiLines(selector, 1_700_000_000_000, 1_700_000_600_000);
  expect(lines.map(({ text, time, labels }) => [text, time, labels.level])).toEqual([
    ['new', 1_700_000_001_000, 'error'],
    ['old', 1_700_000_001_000, 'info'],
    ['older', 1_700_000_000_999, 'info'],
  ]);
});

test('steps of the histogram tile the window, and a count stands at the start of its own', async () => {
  const result = [
    {
      metric: { level: 'error' },
      values: [
        [1_700_000_010, '2'],
        [1_700_000_600, '1'],
      ],
    },
  ];
  const requests = scriptBackend({ [range]: () => ({ data: { resultType: 'matrix', result } }) });
  const answer = await queryLokiHistogram(selector, 1_700_000_003_000, 1_700_000_597_000);
  expect(requests[0]?.params).toEqual({
    query: `sum by (level) (count_over_time(${selector} [10s]))`,
    start: '1700000010000000000',
    end: '1700000600000000000',
    step: 10,
  });
  expect(answer).toEqual({
    step: 10,
    series: [{ labels: { level: 'error' }, times: [1_700_000_000, 1_700_000_590], values: [2, 1] }],
  });
});

test("a refusal carries Loki's own words", async () => {
  scriptBackend({ [range]: () => failure(400, 'parse error at line 1, col 2: syntax error: unexpected }') });
  await expect(queryLokiLines('{}', 0, 1000)).rejects.toThrow(/Loki refused the query \(400\): parse error at line 1/);
});
