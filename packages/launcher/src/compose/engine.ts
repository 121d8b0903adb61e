import { spawnSync } from 'node:child_process';
import { findOnPath } from '../native/binaries.ts';
import { StartProblem } from '../problem.ts';

/** docker-compose.yaml uses `depends_on` with `restart` and `required`, which came with these versions. */
const neededCompose = [2, 20] as const;
const byHand =
  'To prepare without one: npm run compose -- --prepare. On Debian or Ubuntu, --mode native needs no engine.';

/** What is in the way of `docker compose up`; null when nothing is. */
export function engineProblem(): StartProblem | null {
  if (!findOnPath('docker')) {
    return new StartProblem(
      'Docker engine',
      'there is no `docker` on the PATH',
      `Install Docker, then start again. ${byHand}`
    );
  }
  const engine = run(['version', '--format', '{{.Server.Version}}']);
  if (engine.status !== 0) {
    return new StartProblem(
      'Docker engine',
      `none answers (${reasonOf(engine.output)})`,
      `Start it (Docker Desktop, or \`systemctl start docker\`) and see that this user may use it. ${byHand}`
    );
  }
  const compose = run(['compose', 'version', '--short']);
  if (compose.status !== 0 || isOlder(compose.output)) {
    return new StartProblem(
      'Docker Compose',
      compose.status === 0 ? `version ${compose.output} is too old` : 'this `docker` has no `compose`',
      `Install the compose plugin ${neededCompose.join('.')} or newer. ${byHand}`
    );
  }
  return null;
}

/** Whether a version such as `v2.26.1-4` is older than what docker-compose.yaml needs. */
export function isOlder(version: string): boolean {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  return major < neededCompose[0] || (major === neededCompose[0] && minor < neededCompose[1]);
}

function run(args: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync('docker', args, { encoding: 'utf8', timeout: 15_000 });
  return { status, output: (status === 0 ? stdout : stderr).trim() };
}

function reasonOf(output: string): string {
  const line = output.split('\n').find((one) => one.trim() !== '') ?? 'it did not answer within 15 s';
  return line.trim().replace(/\.$/, '');
}
