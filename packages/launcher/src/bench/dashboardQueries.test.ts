import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { repoRoot } from '../native/context.ts';
import { dashboardQueries } from './dashboardQueries.ts';

const chosen = { country: 'SLE', env: 'production', rateInterval: '60s' };
const folder = await mkdtemp(join(tmpdir(), 'dfr-queries-'));
after(() => rm(folder, { recursive: true }));

async function from(expr: string, uid = 'dfr-prometheus') {
  const panels = [{ title: 'P', targets: [{ expr, datasource: { uid } }] }];
  await writeFile(join(folder, 'd.json'), JSON.stringify({ uid: 'd', panels, templating: { list: [] } }));
  return dashboardQueries(folder, chosen);
}

test('variables get values, references of label_replace stay', async () => {
  const expr =
    'label_replace(rate(x{country="$country",env=~"${env:regex}",i=~"$instance"}[$__rate_interval]), "a", "$1", "b", "")';
  assert.deepEqual(await from(expr), [
    { name: 'd: P', expr: 'label_replace(rate(x{country="SLE",env=~"production",i=~".+"}[60s]), "a", "$1", "b", "")' },
  ]);
});

test('queries of other datasources are left out; a variable that nobody fills is refused', async () => {
  assert.deepEqual(await from('x', 'dfr-loki'), []);
  await assert.rejects(from('x{a="$unknown"}'), /d: P: a variable has no value here/);
});

test('the dashboards of the bundle can be asked', async () => {
  assert.ok((await dashboardQueries(join(repoRoot, 'dashboards'), chosen)).length > 50);
});
