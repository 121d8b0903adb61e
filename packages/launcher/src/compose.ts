import { spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { StartProblem } from './problem.ts';

/** Runs `docker compose up` in the foreground until it ends; Ctrl-C takes the containers down. Answers its exit code. */
export async function startCompose(file: string, exists: (path: string) => boolean): Promise<number> {
  if (!exists(file)) {
    throw new StartProblem(
      'compose',
      'docker-compose.yaml is not part of this version yet',
      'Use native mode: --mode native on a Debian 12 or newer machine.'
    );
  }
  const child = spawn('docker', ['compose', '-f', file, 'up', '--build', '--remove-orphans'], {
    cwd: dirname(file),
    stdio: 'inherit',
  });
  const stop = () => child.kill('SIGINT');
  process.on('SIGINT', stop).on('SIGTERM', stop).on('disconnect', stop);
  return new Promise((resolve) => {
    child.on('error', () => resolve(1));
    child.on('exit', (code) => resolve(code ?? 1));
  });
}
