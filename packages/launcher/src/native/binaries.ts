import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Programs of native mode and the Debian package that brings each. */
export const debianPrograms = {
  prometheus: 'prometheus',
  promtool: 'prometheus',
  'prometheus-alertmanager': 'prometheus-alertmanager',
  'prometheus-postgres-exporter': 'prometheus-postgres-exporter',
  'prometheus-nginx-exporter': 'prometheus-nginx-exporter',
  'prometheus-node-exporter': 'prometheus-node-exporter',
  'prometheus-blackbox-exporter': 'prometheus-blackbox-exporter',
  'prometheus-sql-exporter': 'prometheus-sql-exporter',
  nginx: 'nginx',
  mtail: 'mtail',
  postgres: 'postgresql',
  initdb: 'postgresql',
  pg_dump: 'postgresql',
} as const;
export type ProgramName = keyof typeof debianPrograms;
export type Programs = Record<ProgramName, string>;

/** Finds every program; `missing` names the packages to install. */
export function findPrograms(): { programs: Partial<Programs>; missing: string[] } {
  const programs: Partial<Programs> = {};
  const missing = new Set<string>();
  for (const [name, debianPackage] of Object.entries(debianPrograms) as Array<[ProgramName, string]>) {
    const path = debianPackage === 'postgresql' ? findPostgres(name) : findOnPath(name);
    if (path) {
      programs[name] = path;
    } else {
      missing.add(debianPackage);
    }
  }
  return { programs, missing: [...missing] };
}

/** PATH of an ordinary user lacks the sbin folders, where Debian puts nginx. */
export function findOnPath(name: string): string | null {
  const folders = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    '/usr/local/sbin',
    '/usr/sbin',
    '/sbin',
    '/usr/bin',
  ];
  return folders.map((folder) => join(folder, name)).find(isExecutable) ?? null;
}

/** Debian keeps PostgreSQL's server programs in a folder per major version: the newest wins. */
function findPostgres(name: string): string | null {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root)
    ? readdirSync(root)
        .map(Number)
        .filter(Boolean)
        .sort((a, b) => b - a)
    : [];
  for (const version of versions) {
    const path = join(root, String(version), 'bin', name);
    if (isExecutable(path)) {
      return path;
    }
  }
  return findOnPath(name);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A real Loki. Debian has a genetics program of that name, so it is asked who it is. */
export function findLoki(): string | null {
  const path = findOnPath('loki');
  if (!path) {
    return null;
  }
  const asked = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 5000 });
  return /\bloki, version\b/i.test(`${asked.stdout}${asked.stderr}`) ? path : null;
}

export function findOdoo(): string | null {
  return findOnPath('odoo') ?? findOnPath('odoo-bin');
}
