import type { StackFile } from '../stackFile.ts';
import type { Fault } from './causeFault.ts';
import type { Drill } from './drillList.ts';
import type { Phase } from './phases.ts';
import { runDrill, type DrillResult } from './runDrill.ts';

/** Runs a drill and prints each phase as it comes, with its seconds since the fault. */
export async function runAndPrintDrill(
  drill: Drill,
  stack: StackFile,
  act: boolean,
  write: (line: string) => void,
  onFault: (fault: Fault) => void = () => {}
): Promise<DrillResult> {
  write(`Drill ${drill.name}: ${drill.title}. Now ${drill.fault}.`);
  const result = await runDrill(drill, stack, {
    act,
    onFault,
    onPhase: (phase) => write(formatPhase(phase)),
    tell: (text) => write(`             · ${text}`),
  });
  write(formatSummary(result));
  if (result.problem) {
    write(`✗ ${drill.name}: ${result.problem}`);
  } else {
    write(
      `✓ ${drill.name}: ${drill.alert} came, was told, was mended${act ? ` by ${drill.action}` : ''} and told as mended.`
    );
  }
  return result;
}

/** One line of the whole course: fault → pending 1.4 → firing 3.4 → … */
function formatSummary(result: DrillResult): string {
  const course = result.phases.map((phase) =>
    phase.name === 'fault' ? 'fault' : `${phase.name} ${phase.seconds?.toFixed(1) ?? '–'}`
  );
  return `  ${course.join(' → ')} (seconds since the fault)`;
}

export function formatPhase(phase: Phase): string {
  const seconds = phase.seconds === null ? '      –' : `${phase.seconds.toFixed(1).padStart(6)} s`;
  return `  ${phase.name.padEnd(15)} ${seconds}  ${phase.detail}`.trimEnd();
}
