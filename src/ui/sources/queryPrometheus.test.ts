import { Observable } from 'rxjs';
import { setBackendSrv, type BackendSrv } from '@grafana/runtime';
import { failure, scriptBackend } from '../../test/backend';
import { queryPrometheus, queryPrometheusRange } from './queryPrometheus';

const path = 'GET /api/datasources/proxy/uid/dfr-prometheus/api/v1';

test('samples are numbers, infinite ones too', async () => {
  const values = [
    [1, '0.5'],
    [2, '+Inf'],
    [3, 'NaN'],
  ];
  scriptBackend({
    [`${path}/query_range`]: () => ({ data: { resultType: 'matrix', result: [{ metric: { a: 'b' }, values }] } }),
  });
  expect(await queryPrometheusRange('x', 0, 3000)).toEqual([
    { labels: { a: 'b' }, times: [1, 2, 3], values: [0.5, Infinity, NaN] },
  ]);
});

test("a refusal carries Prometheus's own words", async () => {
  scriptBackend({ [`${path}/query`]: () => failure(422, { error: 'query timed out' }) });
  await expect(queryPrometheus('x')).rejects.toThrow('Prometheus refused the query (422): query timed out');
});

test('a Prometheus that hangs is given up, and its connection comes free', async () => {
  jest.useFakeTimers();
  let open = 0;
  const fetch = () =>
    new Observable(() => {
      open += 1;
      return () => (open -= 1);
    });
  setBackendSrv({ fetch } as unknown as BackendSrv);
  const answer = expect(queryPrometheus('x')).rejects.toThrow(
    'Prometheus could not be asked: it gave no answer within 8 s.'
  );
  expect(open).toBe(1);
  await jest.advanceTimersByTimeAsync(8000);
  await answer;
  expect(open).toBe(0);
  jest.useRealTimers();
});
