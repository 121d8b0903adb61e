import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { readConfig } from './config.ts';

let folder: string;
let env: Record<string, string>;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'dfr-config-'));
  const file = (name: string) => path.join(folder, name);
  await writeFile(file('secret'), 'sixteen-characters\n');
  await writeFile(file('short'), 'short');
  await writeFile(
    file('datasources.json'),
    JSON.stringify([{ uid: 'p', name: 'P', type: 'prometheus', url: 'http://127.0.0.1:1/' }])
  );
  await writeFile(
    file('twice.json'),
    JSON.stringify([
      { uid: 'p', name: 'P', type: 'loki' },
      { uid: 'p', name: 'Q', type: 'loki' },
    ])
  );
  env = {
    HOST_LISTEN: '127.0.0.1:3000',
    HOST_PUBLIC_URL: 'http://localhost:3000/',
    HOST_SECRET_FILE: file('secret'),
    HOST_DIST: folder,
    HOST_DASHBOARDS: folder,
    HOST_DATA_DIR: folder,
    HOST_DATASOURCES_FILE: file('datasources.json'),
  };
});
after(() => rm(folder, { recursive: true }));

test('reads the environment', () => {
  const config = readConfig(env);
  assert.deepEqual(config.listen, { host: '127.0.0.1', port: 3000 });
  assert.equal(config.publicUrl, 'http://localhost:3000');
  assert.equal(config.secret, 'sixteen-characters');
  assert.equal(config.datasources[0]?.url, 'http://127.0.0.1:1');
});

test('names the variable that is missing or wrong', () => {
  const wrong: Array<[name: string, value: string | undefined, message: RegExp]> = [
    ['HOST_LISTEN', undefined, /HOST_LISTEN is not set/],
    ['HOST_LISTEN', '3000', /HOST_LISTEN is "3000"/],
    ['HOST_PUBLIC_URL', 'http://x/path', /HOST_PUBLIC_URL/],
    ['HOST_SECRET_FILE', path.join(folder, 'short'), /fewer than 16/],
    ['HOST_DIST', path.join(folder, 'none'), /HOST_DIST.*is not a folder/],
    ['HOST_DATASOURCES_FILE', path.join(folder, 'secret'), /HOST_DATASOURCES_FILE/],
    ['HOST_DATASOURCES_FILE', path.join(folder, 'twice.json'), /used twice/],
  ];
  for (const [name, value, message] of wrong) {
    assert.throws(() => readConfig({ ...env, [name]: value }), message);
  }
});
