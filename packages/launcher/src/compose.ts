import { spawn } from 'node:child_process';
import { buildForCompose } from './compose/buildForCompose.ts';
import { engineProblem } from './compose/engine.ts';
import { prepareCompose } from './compose/prepareCompose.ts';
import { provisioningProblem } from './native/nativeStack.ts';

/**
 * Prepares the demonstration and runs `docker compose up` in the foreground until it ends; Ctrl-C stops the containers.
 * Answers its exit code. Throws StartProblem before anything is made when no engine answers.
 */
export async function startCompose(root: string, options: { build: boolean }): Promise<number> {
  const problem = engineProblem();
  if (problem) {
    throw problem;
  }
  const { folder, settings } = await prepareCompose({ from: root, root, profile: 'demo' }).catch((error: unknown) => {
    throw provisioningProblem(error);
  });
  if (options.build) {
    await buildForCompose(root, folder);
  }
  console.log(
    `  Open   ${settings['DFR_OPS_PUBLIC_URL']} in some minutes (the first start makes Odoo's database)\n` +
      `         as admin, with the password in ${folder}/secrets/grafana_admin_password\n`
  );
  return up(root);
}

function up(root: string): Promise<number> {
  const child = spawn('docker', ['compose', '--profile', 'demo', 'up', '--build', '--remove-orphans'], {
    cwd: root,
    stdio: 'inherit',
  });
  const stop = () => child.kill('SIGINT');
  process.on('SIGINT', stop).on('SIGTERM', stop).on('SIGHUP', stop).on('disconnect', stop);
  return new Promise((resolve) => {
    child.on('error', () => resolve(1));
    child.on('exit', (code) => resolve(code ?? 1));
  });
}
