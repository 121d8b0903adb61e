import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { StartProblem } from '../problem.ts';
import { lastLines } from '../process/logTail.ts';

export type BuildTarget = {
  /** Name of the part, as messages show it. */
  name: string;
  /** Arguments of npm. */
  npmArgs: readonly string[];
  /** A file that the build writes last. */
  product: string;
  /** Files and folders that it is made from. */
  sources: readonly string[];
};

/** What `npm start` builds: the plugin bundle, and the page that loads it where there is no Grafana. */
export function buildTargets(root: string): { bundle: BuildTarget; hostPage: BuildTarget } {
  const contracts = join(root, 'packages/contracts/src');
  const lock = join(root, 'package-lock.json');
  return {
    bundle: {
      name: 'plugin bundle',
      npmArgs: ['run', 'build'],
      product: join(root, 'dist/module.js'),
      sources: [
        join(root, 'src'),
        join(root, 'dashboards'),
        join(root, 'runbooks'),
        join(root, '.config'),
        join(root, 'webpack.config.mjs'),
        join(root, 'docs/screenshots'),
        contracts,
        lock,
      ],
    },
    hostPage: {
      name: 'host page',
      npmArgs: ['run', 'build', '-w', '@dfr-ops/host'],
      product: join(root, 'packages/host/dist/inputs.sha256'),
      sources: [join(root, 'packages/host/page'), join(root, 'packages/host/build.mjs'), lock],
    },
  };
}

/** Why it has to be built; null when its product is newer than all sources. */
export function whyBuild(target: BuildTarget): string | null {
  if (!existsSync(target.product)) {
    return 'not built yet';
  }
  const built = statSync(target.product).mtimeMs;
  return newestIn(target.sources) > built ? 'its sources are newer' : null;
}

function newestIn(paths: readonly string[]): number {
  let newest = 0;
  for (const path of paths) {
    if (!existsSync(path)) {
      continue;
    }
    const facts = statSync(path);
    const inside = facts.isDirectory()
      ? newestIn(
          readdirSync(path)
            .filter((name) => !['node_modules', 'dist'].includes(name))
            .map((name) => join(path, name))
        )
      : facts.mtimeMs;
    newest = Math.max(newest, inside);
  }
  return newest;
}

/** Runs the build with its output in `logFile`. Fails with the log's last lines. */
export async function build(target: BuildTarget, root: string, logFile: string): Promise<void> {
  const log = openSync(logFile, 'w', 0o640);
  const child = spawn('npm', [...target.npmArgs], { cwd: root, env: buildEnvironment(), stdio: ['ignore', log, log] });
  closeSync(log);
  running.add(child);
  const code = await new Promise<number>((resolve) => {
    child.on('error', () => resolve(127));
    child.on('exit', (exitCode) => resolve(exitCode ?? 1));
  });
  running.delete(child);
  if (code !== 0) {
    throw new StartProblem(
      target.name,
      `\`npm ${target.npmArgs.join(' ')}\` ended with ${code}`,
      `Read ${logFile}. --skip-build starts with what was built before.`,
      { logLines: lastLines(logFile, 10) }
    );
  }
  // The builders leave a file alone that would be the same: its time then says nothing of this build.
  utimesSync(target.product, new Date(), new Date());
}

const running = new Set<ReturnType<typeof spawn>>();

/** Ends builds that still run, when the start is broken off. */
export function stopBuilds(): void {
  running.forEach((child) => child.kill('SIGTERM'));
}

/** On Node 20 webpack's TypeScript configuration stops with TS5095 without this; npm scripts run on the Node of node_modules, if it is there. */
function buildEnvironment(): NodeJS.ProcessEnv {
  const options = '{"module":"commonjs","moduleResolution":"node10","esModuleInterop":true}';
  return {
    ...process.env,
    NODE_ENV: 'production',
    ...(process.versions.node.startsWith('20.') ? { TS_NODE_COMPILER_OPTIONS: options } : {}),
  };
}
