import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const version = '1.2.3';

/** A small built plugin that is right in every respect: an app with one dashboard and one nested data source. */
export interface TestBundle {
  /** A project folder: package.json, and the built plugin in `dist`. */
  root: string;
  dist: string;
  write(path: string, content: string | Buffer): void;
  read(path: string): string;
  /** Changes the plugin.json at a path. */
  edit(path: string, change: (json: Json) => void): void;
  remove(): void;
}

/** Any: tests break it in every way that the types forbid. */
export type Json = any;

export function makeTestBundle(): TestBundle {
  const root = mkdtempSync(join(tmpdir(), 'dfr-package-'));
  const dist = join(root, 'dist');
  const write = (path: string, content: string | Buffer) => {
    mkdirSync(dirname(join(dist, path)), { recursive: true });
    writeFileSync(join(dist, path), content);
  };
  const read = (path: string) => readFileSync(join(dist, path), 'utf8');
  mkdirSync(dist);
  writeFileSync(join(root, 'package.json'), JSON.stringify({ name: 'test', version }));
  for (const [path, content] of Object.entries(files())) {
    write(path, content);
  }
  return {
    root,
    dist,
    write,
    read,
    edit: (path, change) => {
      const json = JSON.parse(read(path)) as Json;
      change(json);
      write(path, JSON.stringify(json));
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

function files(): Record<string, string | Buffer> {
  return {
    'plugin.json': JSON.stringify(appJson()),
    'datasource/plugin.json': JSON.stringify(datasourceJson()),
    ...script('module.js', ['webpack://test/./module.tsx', 'webpack://test/external amd "react"']),
    ...script(
      '12.js',
      ['webpack://test/./pages/Page.tsx', 'webpack://test/../node_modules/zod/v4/core/doc.js'],
      '?_cache=1f'
    ),
    ...script('datasource/module.js', ['webpack://test/./datasource/module.ts']),
    'img/logo.svg': '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><path d="M0 0h64"/></svg>',
    'datasource/img/logo.svg': '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"></svg>',
    'img/screenshots/Alert-1.png': Buffer.from('89504e470d0a1a0a0000000d', 'hex'),
    'dashboards/overview.json': JSON.stringify({ id: null, uid: 'overview', title: 'Overview', panels: [] }),
    'README.md': `# Test\n\n${'What it is, what it needs and how to set it up. '.repeat(12)}[A link](https://example.org).\n`,
    'CHANGELOG.md': `# Changelog\n\n## ${version} (2026-01-02)\n\n- The first.\n`,
    LICENSE: 'Apache License\n  Version 2.0, January 2004\n\n Copyright 2026 Somebody\n',
  };
}

function script(path: string, sources: string[], query = ''): Record<string, string> {
  const map = `${path.split('/').at(-1)}.map`;
  const sourcesContent = sources.map((source) => (source.includes('zod') ? 'const F = Function;' : 'export {};'));
  return {
    [path]: `define([],()=>({plugin:{}}));\n//# sourceMappingURL=${map}${query}`,
    [`${path}.map`]: JSON.stringify({ version: 3, sources, sourcesContent, mappings: '' }),
  };
}

function appJson() {
  return {
    type: 'app',
    id: 'test-ops-app',
    name: 'Test Ops',
    info: {
      ...info(),
      screenshots: [{ name: 'An alert', path: 'img/screenshots/Alert-1.png' }],
    },
    includes: [
      {
        type: 'page',
        name: 'Overview',
        path: '/a/test-ops-app/overview',
        role: 'Viewer',
        addToNav: true,
        defaultNav: true,
      },
      { type: 'page', name: 'Alerts', path: '/a/test-ops-app/alerts', role: 'Viewer', addToNav: true },
      { type: 'dashboard', name: 'Overview', path: 'dashboards/overview.json', uid: 'overview', addToNav: true },
      { type: 'datasource', name: 'Test', path: 'datasource/plugin.json' },
    ],
    dependencies: { grafanaDependency: '>=12.3.0', plugins: [] },
    buildMode: 'production',
  };
}

function datasourceJson() {
  return {
    type: 'datasource',
    id: 'test-ops-datasource',
    name: 'Test Ops',
    info: info(),
    routes: [{ path: 'read', method: 'GET', reqRole: 'Viewer', url: '{{ .JsonData.serviceUrl }}' }],
    dependencies: { grafanaDependency: '>=12.3.0', plugins: [] },
    buildMode: 'production',
  };
}

function info() {
  return {
    author: { name: 'Somebody' },
    description: 'For tests.',
    keywords: ['tests'],
    links: [{ name: 'license', url: 'https://example.org/license' }],
    logos: { small: 'img/logo.svg', large: 'img/logo.svg' },
    version,
    updated: '2026-01-02',
  };
}
