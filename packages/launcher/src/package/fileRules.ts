import { createHash } from 'node:crypto';
import type { Rule } from './finding.ts';
import { fileOf, textOf, within } from './readBundle.ts';

const known = [
  /^(LICENSE|README\.md|CHANGELOG\.md|MANIFEST\.txt)$/,
  /^([a-z-]+\/)?(plugin\.json|module\.js|module\.js\.map)$/,
  /^\d+\.js(\.map)?$/,
  /^dashboards\/[a-z0-9-]+\.json$/,
  /^locales\/[A-Za-z-]+\/[a-z-]+\.json$/,
  /^([a-z-]+\/)?img\/logo\.svg$/,
  /^img\/screenshots\/[\w-]+\.png$/,
];

/** Only what Grafana reads: an archive is not the place for notes, fixtures and the files of an editor. */
export const hasOnlyKnownFiles: Rule = (bundle) =>
  bundle.files
    .filter(({ path }) => !known.some((pattern) => pattern.test(path)))
    .map(({ path }) => ({
      file: path,
      cause: 'nothing says why it is in the bundle',
      remedy: 'Remove it and build again, or add its kind to packages/launcher/src/package/fileRules.ts.',
    }));

/** Every plugin has its code. */
export const hasModules: Rule = (bundle) =>
  [bundle.app, ...bundle.nested]
    .map((plugin) => within(plugin, 'module.js'))
    .filter((path) => !fileOf(bundle, path)?.bytes.length)
    .map((file) => ({
      file,
      cause: 'it is missing or empty',
      remedy: 'Run `npm run build` again and read what it prints.',
    }));

/** A signature is over the files as they were when it was made. */
export const fitsItsSignature: Rule = (bundle, { version }) => {
  const text = textOf(bundle, 'MANIFEST.txt');
  if (text === undefined) {
    return [];
  }
  const remedy = 'Sign again: `npm run package -- --sign`.';
  const signed = signedFiles(text);
  if (!signed || signed.plugin !== bundle.app.json.id || signed.version !== version) {
    return [{ file: 'MANIFEST.txt', cause: 'it is no signature of this plugin in this version', remedy }];
  }
  const present = bundle.files.filter(({ path }) => path !== 'MANIFEST.txt');
  const changed = present.filter(
    ({ path, bytes }) => signed.files[path] !== createHash('sha256').update(bytes).digest('hex')
  );
  const gone = Object.keys(signed.files).filter((path) => !fileOf(bundle, path));
  return [...changed.map(({ path }) => path), ...gone].map((path) => ({
    file: 'MANIFEST.txt',
    cause: `${path} is not what was signed`,
    remedy,
  }));
};

/** The JSON between the headers and the signature of a clear-signed message. */
function signedFiles(text: string): { plugin: string; version: string; files: Record<string, string> } | null {
  const body =
    /-----BEGIN PGP SIGNED MESSAGE-----\r?\n(?:.+\r?\n)*\r?\n([\s\S]*?)\r?\n-----BEGIN PGP SIGNATURE-----/.exec(text);
  try {
    const signed = JSON.parse(body?.[1] ?? '') as { plugin: string; version: string; files: Record<string, string> };
    return typeof signed.files === 'object' && signed.files !== null ? signed : null;
  } catch {
    return null;
  }
}
