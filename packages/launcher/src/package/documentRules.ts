import type { Finding, Rule } from './finding.ts';
import { type Bundle, textOf } from './readBundle.ts';

type Check = readonly [found: (text: string) => boolean, cause: string, remedy: string];

function judge(bundle: Bundle, file: string, checks: readonly Check[]): Finding[] {
  const text = textOf(bundle, file);
  if (text === undefined || text.trim() === '') {
    return [{ file, cause: 'it is missing or empty', remedy: `Write ${file} and build again.` }];
  }
  return checks.filter(([found]) => found(text)).map(([, cause, remedy]) => ({ file, cause, remedy }));
}

const linkTargets = (text: string) => [...text.matchAll(/\[[^\]]*\]\(([^)\s]+)/g)].map((match) => match[1] ?? '');

/** The catalogue shows README.md: on its own, so links from the repository lead nowhere. */
export const hasReadme: Rule = (bundle) =>
  judge(bundle, 'README.md', [
    [
      (text) => text.length < 500,
      'it says next to nothing',
      'Say in src/README.md what it is, what it needs, how to set it up.',
    ],
    [
      (text) => /grafana (panel|data ?source|app)[\w ]* plugin template/i.test(text),
      "it is the template's",
      'Write src/README.md.',
    ],
    [(text) => text.includes('<!--'), 'it holds a comment', 'Remove the comment from src/README.md.'],
    [
      (text) => linkTargets(text).some((target) => !/^(https?:|mailto:|#)/.test(target)),
      'it has a relative link, which leads nowhere in the catalogue',
      'Name a whole https address in src/README.md, or none.',
    ],
    [
      (text) => /\b(yarn|nodejs)\b/.test(text),
      "it speaks of developers' tools",
      'Keep src/README.md for administrators.',
    ],
  ]);

/** What changed in this version is told. */
export const hasChangelog: Rule = (bundle, { version }) =>
  judge(bundle, 'CHANGELOG.md', [
    [
      (text) => !text.split('\n').some((line) => line === `## ${version}` || line.startsWith(`## ${version} `)),
      `it has no entry for ${version}`,
      `Add "## ${version}" with what changed to CHANGELOG.md.`,
    ],
  ]);

export const hasLicense: Rule = (bundle) =>
  judge(bundle, 'LICENSE', [
    [(text) => !/Apache License\s+Version 2\.0/.test(text), 'it is not the Apache License 2.0', 'Restore LICENSE.'],
    [
      (text) => /[{[](yyyy|name of copyright owner)[}\]]/.test(text),
      'its appendix still has the blanks of the template',
      'Write the year and the owner into LICENSE.',
    ],
  ]);

/** The build fills in %VERSION%, %TODAY% and %PLUGIN_ID%, in some files only. */
export const hasNoPlaceholders: Rule = (bundle) =>
  bundle.files
    .filter(({ path }) => /(^|\/)(plugin\.json|README\.md|CHANGELOG\.md)$/.test(path))
    .flatMap(({ path, bytes }) =>
      [...new Set(bytes.toString('utf8').match(/%[A-Z][A-Z_]*%/g) ?? [])].map((placeholder) => ({
        file: path,
        cause: `${placeholder} was not filled in`,
        remedy: 'Build with `npm run build`; it fills in %VERSION%, %TODAY% and %PLUGIN_ID%.',
      }))
    );
