import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface CheckResult {
  name: string;
  /** `missing`: its program is not installed, so nothing was checked. */
  state: 'ok' | 'failed' | 'missing';
  /** What the program printed, or which one is missing. */
  output: string;
}

/**
 * Has the servers' own tools check a rendered tree. `rules: false` leaves out the rules' unit tests, which are written
 * for production's values. Touches nothing outside temporary folders.
 */
export async function checkProvisioning(dir: string, { rules = true } = {}): Promise<CheckResult[]> {
  const prometheus = join(dir, 'prometheus');
  const ruleFiles = await filesIn(join(prometheus, 'rules'));
  const testFiles = await filesIn(join(prometheus, 'tests'));
  const checks = [
    // Syntax only: the files with secrets need not be here.
    run('promtool check config', 'promtool', ['check', 'config', '--syntax-only', join(prometheus, 'prometheus.yml')]),
    run('promtool check rules', 'promtool', ['check', 'rules', ...ruleFiles]),
    run('promtool check web-config (prometheus)', 'promtool', ['check', 'web-config', join(prometheus, 'web.yml')]),
    run('promtool check web-config (alertmanager)', 'promtool', [
      'check',
      'web-config',
      join(dir, 'alertmanager/web.yml'),
    ]),
    run('amtool check-config', 'amtool', ['check-config', join(dir, 'alertmanager/alertmanager.yml')]),
    run('blackbox exporter --config.check', 'prometheus-blackbox-exporter', [
      '--config.check',
      `--config.file=${join(dir, 'blackbox/blackbox.yml')}`,
    ]),
    run('mtail -compile_only', 'mtail', ['-compile_only', '-logtostderr', '-progs', join(dir, 'mtail')]),
    checkNginx(join(dir, 'nginx')),
  ];
  if (rules) {
    checks.push(run('promtool test rules', 'promtool', ['test', 'rules', ...testFiles]));
  }
  return Promise.all(checks);
}

/** `nginx -t` on a copy whose files lie in a temporary prefix, since it opens its logs and makes its temp folders. */
async function checkNginx(folder: string): Promise<CheckResult> {
  const prefix = await mkdtemp(join(tmpdir(), 'dfr-nginx-check-'));
  try {
    const conf = join(prefix, 'conf');
    await cp(folder, conf, { recursive: true });
    await mkdir(join(prefix, 'temp'));
    const text = await readFile(join(conf, 'nginx.conf'), 'utf8');
    const moved = text
      .replace(/^(\s*pid) [^;]+;/gm, '$1 nginx.pid;')
      .replace(/^(\s*error_log) \S+/gm, '$1 error.log')
      .replace(/^(\s*access_log) (?!off)\S+/gm, '$1 access.log')
      .replace(/^(\s*\w+_temp_path) \S*\/(\w+);/gm, '$1 temp/$2;')
      // It binds what it is to listen on: the kernel's choice disturbs nobody.
      .replace(/^(\s*listen) (\S+):\d+;/gm, (_all, listen: string) => `${listen} 127.0.0.1:${nextPort++};`)
      .replace(/^(\s*include) \/\S*\/(\S+);/gm, '$1 conf.d/$2;');
    await writeFile(join(conf, 'nginx.conf'), resolvable(moved));
    for (const name of await filesIn(join(conf, 'conf.d'))) {
      await writeFile(name, resolvable(await readFile(name, 'utf8')));
    }
    return await run('nginx -t', 'nginx', ['-t', '-q', '-p', prefix, '-c', join(conf, 'nginx.conf'), '-e', 'stderr']);
  } finally {
    await rm(prefix, { recursive: true, force: true });
  }
}

// Nginx tolerates a taken port with -t, but refuses two servers of one address that contradict each other.
let nextPort = 18_080;

/** Upstreams named by host must resolve for `nginx -t`; on a machine that only checks they need not exist. */
function resolvable(conf: string): string {
  return conf.replace(/^(\s*server) [\w.-]+:(\d+)/gm, '$1 127.0.0.1:$2');
}

function run(name: string, program: string, args: string[]): Promise<CheckResult> {
  const path = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
  return new Promise((done) => {
    execFile(program, args, { timeout: 120_000, env: { ...process.env, PATH: path } }, (error, stdout, stderr) => {
      const missing = (error as NodeJS.ErrnoException | null)?.code === 'ENOENT';
      const output = missing ? `${program} is not installed.` : `${stdout}${stderr}`;
      done({ name, state: missing ? 'missing' : error ? 'failed' : 'ok', output });
    });
  });
}

async function filesIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).sort().map((name) => join(folder, name));
}
