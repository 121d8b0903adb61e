import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { findGrafana } from './findGrafana.ts';

const folder = mkdtempSync(join(tmpdir(), 'dfr-find-'));
after(() => rmSync(folder, { recursive: true }));

/** A folder that looks like an installed Grafana; `page: false` is one whose page is not built. */
function install(name: string, { command = 'grafana', page = true } = {}): string {
  const home = join(folder, name);
  for (const part of ['bin', 'conf', ...(page ? ['public/build'] : [])]) {
    mkdirSync(join(home, part), { recursive: true });
  }
  writeFileSync(join(home, 'conf/defaults.ini'), '');
  writeFileSync(join(home, 'bin', command), '#!/bin/sh\n');
  chmodSync(join(home, 'bin', command), 0o755);
  return home;
}

test('the one in GF_PATHS_HOME, by its server command', () => {
  const home = install('new');
  assert.deepEqual(findGrafana({ GF_PATHS_HOME: home }), {
    command: join(home, 'bin/grafana'),
    args: ['server'],
    home,
  });
  const old = install('old', { command: 'grafana-server' });
  assert.deepEqual(findGrafana({ GF_PATHS_HOME: old })?.args, []);
});

test('a source tree whose page is not built is no Grafana to start', () => {
  assert.equal(findGrafana({ GF_PATHS_HOME: install('unbuilt', { page: false }) }), null);
});

test('one on the PATH is followed to its home', () => {
  const home = install('linked');
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  symlinkSync(join(home, 'bin/grafana'), join(bin, 'grafana'));
  const before = process.env['PATH'];
  process.env['PATH'] = `${bin}:${before}`;
  try {
    assert.equal(findGrafana({})?.home, home);
  } finally {
    process.env['PATH'] = before;
  }
});
