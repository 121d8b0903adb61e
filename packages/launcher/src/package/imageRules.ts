import type { Finding, Rule } from './finding.ts';
import { type Bundle, type BundleFile, type BundledPlugin, fileOf, within } from './readBundle.ts';

/** A screenshot is looked at over a phone link, and each one lies in the zip. */
const screenshotLimit = 400_000;
const logoLimit = 10_000;

/** Logos are square SVG without anything that runs or is fetched: Grafana shows them in its own page. */
export const hasLogos: Rule = (bundle) =>
  [bundle.app, ...bundle.nested].flatMap((plugin) =>
    [...new Set([plugin.json.info?.logos?.small, plugin.json.info?.logos?.large])].flatMap((path) =>
      imageOf(bundle, plugin, path, logoCauses)
    )
  );

/** At least one, of the kind that its name says, and small enough. */
export const hasScreenshots: Rule = (bundle) => {
  const screenshots = bundle.app.json.info?.screenshots ?? [];
  if (screenshots.length === 0) {
    return [
      {
        file: 'plugin.json',
        cause: 'it lists no screenshots',
        remedy: 'List some of docs/screenshots in src/plugin.json.',
      },
    ];
  }
  return screenshots.flatMap(({ path }) => imageOf(bundle, bundle.app, path, screenshotCauses));
};

function imageOf(
  bundle: Bundle,
  plugin: BundledPlugin,
  path: string | undefined,
  causes: (file: BundleFile) => string[]
): Finding[] {
  const file = path ? fileOf(bundle, within(plugin, path)) : undefined;
  if (!file) {
    const cause = `it names the image ${path ?? '(none)'}, which is not in the bundle`;
    return [{ file: within(plugin, 'plugin.json'), cause, remedy: 'Add the image, or name another one.' }];
  }
  return causes(file).map((cause) => ({ file: file.path, cause, remedy: 'Replace the image and build again.' }));
}

function logoCauses({ path, bytes }: BundleFile): string[] {
  const text = bytes.toString('utf8');
  const box = /<svg[^>]*\sviewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(text);
  return [
    path.endsWith('.svg') && /^\s*(<\?xml[^>]*>\s*)?<svg[\s>]/.test(text) ? null : 'it is no SVG',
    box && box[1] === box[2] ? null : 'it has no square viewBox that starts at 0 0',
    /<(script|foreignObject|iframe|use|image|style)\b|\son\w+=|\b(href|src)=|url\(|<!(DOCTYPE|ENTITY)/i.test(text)
      ? 'it holds something that could run or be fetched'
      : null,
    bytes.length <= logoLimit ? null : `it has ${bytes.length} bytes, more than ${logoLimit}`,
  ].filter((cause) => cause !== null);
}

function screenshotCauses({ path, bytes }: BundleFile): string[] {
  const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return [
    path.endsWith('.png') && bytes.subarray(0, 8).equals(png) ? null : 'it is no PNG',
    bytes.length <= screenshotLimit ? null : `it has ${bytes.length} bytes, more than ${screenshotLimit}`,
  ].filter((cause) => cause !== null);
}
