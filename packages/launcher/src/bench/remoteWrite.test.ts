import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { startBenchPrometheus } from './benchPrometheus.ts';
import { writeHistory } from './history.ts';

const missing = spawnSync('prometheus', ['--version']).error ? 'not run: prometheus is not installed' : false;

test('Prometheus holds the history that was written, and refuses one that is older', { skip: missing }, async () => {
  const prometheus = await startBenchPrometheus('127.0.0.1:9');
  try {
    const to = Math.floor(Date.now() / 1000);
    const series = ['a', 'b'].map((country) => ({
      labels: { __name__: 'x_total', country, job: 'j' },
      value: 3600,
      counter: true,
      recorded: false,
    }));
    const history = { takenAt: to, from: to - 6 * 3600, to, stepSeconds: 15 };
    assert.equal(await writeHistory(prometheus.url, series, history), 2 * 4 * 60 * 6);
    const query = encodeURIComponent('sum(count_over_time(x_total[7h])) + sum(rate(x_total[6h]))');
    const answer = await fetch(`${prometheus.url}/api/v1/query?query=${query}&time=${to}`);
    const { data } = (await answer.json()) as { data: { result: Array<{ value: [number, string] }> } };
    assert.ok(Math.abs(Number(data.result[0]?.value[1]) - 2882) < 0.01, JSON.stringify(data));
    await assert.rejects(
      writeHistory(prometheus.url, series, { ...history, from: to - 9 * 3600, to: to - 8 * 3600 }),
      /Prometheus refused the samples: 400/
    );
  } finally {
    await prometheus.stop();
  }
});
