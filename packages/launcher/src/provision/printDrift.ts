import type { Drift } from './drift.ts';

interface Found {
  drifts: Drift[];
  profile: string;
  /** How many files the values render. */
  files: number;
  /** Something was rendered there before. */
  known: boolean;
}

/** What --check shows: each difference with its diff, and what to do. */
export function printDrift(dir: string, { drifts, profile, files, known }: Found): string {
  if (drifts.length === 0) {
    return `${dir} is as the values say: ${files} files for ${profile}.`;
  }
  const lines = drifts.map(({ name, kind, byHand, diff }) => {
    const what = kind === 'left over' ? 'left over from an earlier rendering' : kind;
    const secret = kind === 'differs' && diff === '' ? ', in a secret (not shown)' : '';
    return `${name}: ${what}${secret}${byHand ? ', edited by hand' : ''}\n${diff}`.trimEnd();
  });
  const before = known ? '' : ` Nothing in it says that it was rendered before.`;
  const hand = drifts.some(({ byHand }) => byHand)
    ? '\nWhat was edited by hand is lost when it is rendered anew: bring it into provisioning/values or the templates first.'
    : '';
  return [
    ...lines,
    '',
    `${dir} differs from the values for ${profile}: ${drifts.length} of ${files} files.${before}${hand}`,
    'To bring it up to date: npm run provision -- --out with this folder (npm start and npm run compose -- --prepare do it for theirs).',
  ].join('\n');
}
