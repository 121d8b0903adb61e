import { posix } from 'node:path';
import { type Zippable, type ZipOptions, zipSync } from 'fflate';
import type { Bundle } from './readBundle.ts';

/** "Made on Unix", so that unzip takes the modes from `attrs`. */
const unix = 3;
const fileAttributes = 0o100644 << 16;
const folderAttributes = (0o040755 << 16) | 0x10;

/**
 * The bundle as a zip with one top folder that is named after the plugin's id. The same bundle gives the same bytes on
 * every machine: entries are sorted, all bear the bundle's own date, modes are 0644 and 0755, and fflate deflates in
 * JavaScript (zlib's output differs between processors).
 */
export function zipBundle(bundle: Bundle): Uint8Array {
  const top = bundle.app.json.id;
  const mtime = noonOf(bundle.app.json.info.updated);
  const paths = bundle.files.map(({ path }) => path);
  const entries: Array<[string, [Uint8Array, ZipOptions]]> = [
    ...foldersOf(paths).map((folder): [string, [Uint8Array, ZipOptions]] => [
      `${posix.join(top, folder)}/`,
      [new Uint8Array(0), { os: unix, attrs: folderAttributes, mtime, level: 0 }],
    ]),
    ...bundle.files.map(({ path, bytes }): [string, [Uint8Array, ZipOptions]] => [
      posix.join(top, path),
      [bytes, { os: unix, attrs: fileAttributes, mtime, level: path.endsWith('.png') ? 0 : 9 }],
    ]),
  ];
  entries.sort(([one], [other]) => (one < other ? -1 : 1));
  return zipSync(Object.fromEntries(entries) satisfies Zippable);
}

/** All folders on the way to the files, the bundle's own (empty) among them. */
function foldersOf(paths: readonly string[]): string[] {
  const folders = new Set(['']);
  for (const path of paths) {
    for (let folder = posix.dirname(path); folder !== '.'; folder = posix.dirname(folder)) {
      folders.add(folder);
    }
  }
  return [...folders];
}

/** Zip keeps local time without a zone. Noon exists on every day in every zone, so the same figures stand everywhere. */
function noonOf(date: string): Date {
  const [year, month, day] = date.split('-').map(Number) as [number, number, number];
  return new Date(year, month - 1, day, 12);
}
