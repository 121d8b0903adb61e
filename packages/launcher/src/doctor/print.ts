import type { Examined, Finding } from './check.ts';

export interface Counts {
  ok: number;
  warning: number;
  failed: number;
}

const signs = { ok: '✓', warning: '!', failed: '✗' } as const;
const colours = { ok: 32, warning: 33, failed: 31 } as const;

export function countStates(examined: readonly Examined[]): Counts {
  const counts: Counts = { ok: 0, warning: 0, failed: 0 };
  examined.flatMap(({ findings }) => findings).forEach(({ state }) => counts[state]++);
  return counts;
}

/** For a terminal of `columns`; a phone's has some 40. */
export function printExamined(examined: readonly Examined[], options: { columns: number; colour: boolean }): string {
  const groups = examined.map(({ title, findings }) =>
    [title, ...findings.map((finding) => printFinding(finding, options))].join('\n')
  );
  return groups.join('\n\n');
}

function printFinding(
  { name, state, text, remedy }: Finding,
  { columns, colour }: { columns: number; colour: boolean }
): string {
  const sign = colour ? `\u001b[${colours[state]}m${signs[state]}\u001b[0m` : signs[state];
  const [first, ...rest] = wrap(`${name}: ${text}`, columns - 4);
  const lines = [`  ${sign} ${first ?? ''}`, ...rest.map((line) => `    ${line}`)];
  const advice =
    remedy === null ? [] : wrap(`→ ${remedy}`, columns - 4).map((line, index) => `    ${index ? '  ' : ''}${line}`);
  return [...lines, ...advice].join('\n');
}

/** Words that are longer than a line stay whole: they are addresses and commands, to be copied. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width - 2) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else {
      lines.push(word);
    }
  }
  return lines;
}

export function printCounts({ ok, warning, failed }: Counts): string {
  return `${ok} ok, ${warning} ${warning === 1 ? 'warning' : 'warnings'}, ${failed} failed`;
}
