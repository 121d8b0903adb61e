import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

const sources = path.resolve(import.meta.dirname, '../../../../src');

/** A bundle of the real plugin.json of the app and of its datasource, with modules that hold nothing. */
export async function writeTestBundle(folder: string): Promise<void> {
  await mkdir(path.join(folder, 'datasource'), { recursive: true });
  for (const part of ['', 'datasource']) {
    await writeFile(
      path.join(folder, part, 'plugin.json'),
      await readManifest(path.join(sources, part, 'plugin.json'))
    );
    const module = `define([], () => ({ plugin: "${part ? 'nested' : 'app'}" }));`;
    await writeFile(path.join(folder, part, 'module.js'), module);
  }
}

/** As the build fills it in, and without what it includes from elsewhere. */
async function readManifest(file: string): Promise<string> {
  const text = await readFile(file, 'utf8');
  const manifest = JSON.parse(
    text.replaceAll('%VERSION%', '1.0.0').replaceAll('%TODAY%', '2026-01-01').replaceAll('%PLUGIN_ID%', 'dfr-ops-app')
  );
  if (manifest.includes) {
    manifest.includes = manifest.includes.filter(({ type }: { type: string }) => type === 'page');
  }
  return JSON.stringify(manifest);
}
