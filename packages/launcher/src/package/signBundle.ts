import { spawn } from 'node:child_process';
import { StartProblem } from '../problem.ts';

export interface Signing {
  /** Where the Grafana answers that may load a privately signed plugin; none for a public signature. */
  rootUrls?: string;
  /** Of the child process: GRAFANA_ACCESS_POLICY_TOKEN must be in it. */
  environment: NodeJS.ProcessEnv;
}

/** Has `@grafana/sign-plugin` write MANIFEST.txt into a built plugin. It sends the files' hashes, not the files. */
export async function signBundle(folder: string, { rootUrls, environment }: Signing): Promise<void> {
  if (!environment.GRAFANA_ACCESS_POLICY_TOKEN) {
    throw new StartProblem(
      'signing',
      'GRAFANA_ACCESS_POLICY_TOKEN is not set',
      'Make a token with the scope plugins:write at grafana.com and set it, or package without --sign.'
    );
  }
  const args = ['--no-install', 'sign-plugin', '--distDir', folder, ...(rootUrls ? ['--rootUrls', rootUrls] : [])];
  const { code, output } = await run('npx', args, environment);
  if (code !== 0) {
    throw new StartProblem(
      'signing',
      `@grafana/sign-plugin ended with ${code}`,
      'Check the token, the network and, for a private signature, --root-urls. Without --sign and without the token it is packaged unsigned.',
      { logLines: output.split('\n').filter((line) => line.trim() !== '') }
    );
  }
}

function run(command: string, args: string[], env: NodeJS.ProcessEnv): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    }
    child.on('error', (error) => resolve({ code: 127, output: error.message }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}
