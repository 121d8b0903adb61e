import { parseArgs } from 'node:util';
import { describeProblem, StartProblem } from '../problem.ts';
import { readStackFile } from '../stackFile.ts';
import type { Fault } from './causeFault.ts';
import { drills, findDrill } from './drillList.ts';
import { runAndPrintDrill } from './printDrill.ts';
import { runSignals, signalsDrill } from './signals/runSignals.ts';

const help = `Usage: npm run drill -- NAME [--no-action] [--json] [--data DIR]   (or --list)

Causes a real fault on the running stack and times everything until it is mended.
  --list        name the drills
  --no-action   cause and watch only: the mending is yours
  --json        one JSON object instead of the table
  --data DIR    data folder of the stack (default as for npm start)`;

async function main(args: string[]): Promise<number> {
  const { values, positionals } = readArguments(args);
  if (values.help) {
    console.log(help);
    return 0;
  }
  if (values.list) {
    for (const drill of drills) {
      console.log(`${drill.name.padEnd(21)} ${drill.title}: ${drill.fault}. ${drill.alert} → ${drill.action}`);
    }
    console.log(`${signalsDrill.name.padEnd(21)} ${signalsDrill.title}. Ends by itself, in about a minute.`);
    return 0;
  }
  if (positionals[0] === signalsDrill.name && positionals.length === 1) {
    return drillSignals(values.data, values.json);
  }
  const drill = findDrill(positionals[0] ?? '');
  if (!drill || positionals.length > 1) {
    throw new StartProblem(
      'drill',
      positionals[0] ? `there is no drill ${positionals.join(' ')}` : 'which one?',
      `Name one of: ${[...drills, signalsDrill].map((one) => one.name).join(', ')}.`
    );
  }
  const stack = readStackFile(values.data);
  const write = values.json ? (line: string) => console.error(line) : (line: string) => console.log(line);
  const result = await runAndPrintDrill(drill, stack, !values['no-action'], write, undoWhenInterrupted);
  if (values.json) {
    console.log(JSON.stringify(result));
  }
  return result.ok ? 0 : 1;
}

/** Ends with 0 when everything moved, as Prometheus saw it. */
async function drillSignals(data: string | undefined, json: boolean): Promise<number> {
  const write = json ? (line: string) => console.error(line) : (line: string) => console.log(line);
  const interrupted = new AbortController();
  const leave = () => interrupted.abort();
  process.once('SIGINT', leave).once('SIGTERM', leave).once('disconnect', leave);
  write(`Drill ${signalsDrill.name}: ${signalsDrill.title}. Alerts will come, and go by themselves.`);
  const result = await runSignals(readStackFile(data), write, interrupted.signal);
  write(
    result.unseen.length > 0
      ? `✗ ${signalsDrill.name}: ${result.unseen.length} signals did not move.`
      : `✓ ${signalsDrill.name}: everything moved and is put back, in ${result.seconds.toFixed(0)} s.`
  );
  if (json) {
    console.log(JSON.stringify(result));
  }
  return interrupted.signal.aborted ? 130 : result.unseen.length > 0 ? 1 : 0;
}

/** Ctrl-C in a drill takes its fault back: nothing broken is left behind unseen. */
function undoWhenInterrupted(fault: Fault): void {
  const leave = () => {
    console.error('Interrupted: the fault is taken back.');
    void fault.undo().then(
      () => process.exit(130),
      (error: unknown) => {
        console.error(describeProblem(error));
        process.exit(1);
      }
    );
  };
  process.once('SIGINT', leave).once('SIGTERM', leave).once('disconnect', leave);
}

function readArguments(args: string[]) {
  try {
    const flag = { type: 'boolean', default: false } as const;
    return parseArgs({
      args,
      allowPositionals: true,
      options: { help: flag, list: flag, json: flag, 'no-action': flag, 'no-install': flag, data: { type: 'string' } },
    });
  } catch (error) {
    throw new StartProblem('drill', (error as Error).message, 'npm run drill -- --help lists the flags.');
  }
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(describeProblem(error));
    process.exit(1);
  }
);
