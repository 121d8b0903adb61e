import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkLoki } from './checkLoki.ts';
import { type CheckResult, runTool } from './runTool.ts';

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
    runTool('promtool check config', 'promtool', [
      'check',
      'config',
      '--syntax-only',
      join(prometheus, 'prometheus.yml'),
    ]),
    runTool('promtool check rules', 'promtool', ['check', 'rules', ...ruleFiles]),
    runTool('promtool check web-config (prometheus)', 'promtool', ['check', 'web-config', join(prometheus, 'web.yml')]),
    runTool('promtool check web-config (alertmanager)', 'promtool', [
      'check',
      'web-config',
      join(dir, 'alertmanager/web.yml'),
    ]),
    runTool('amtool check-config', 'amtool', ['check-config', join(dir, 'alertmanager/alertmanager.yml')]),
    runTool('blackbox exporter --config.check', 'prometheus-blackbox-exporter', [
      '--config.check',
      `--config.file=${join(dir, 'blackbox/blackbox.yml')}`,
    ]),
    runTool('mtail -compile_only', 'mtail', ['-compile_only', '-logtostderr', '-progs', join(dir, 'mtail')]),
    checkNginx(join(dir, 'nginx')),
    runTool('alloy validate', 'alloy', ['validate', join(dir, 'alloy/config.alloy')]),
  ];
  if (rules) {
    checks.push(runTool('promtool test rules', 'promtool', ['test', 'rules', ...testFiles]));
  }
  return [...(await Promise.all(checks)), ...(await checkLoki(join(dir, 'loki')))];
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
    return await runTool('nginx -t', 'nginx', [
      '-t',
      '-q',
      '-p',
      prefix,
      '-c',
      join(conf, 'nginx.conf'),
      '-e',
      'stderr',
    ]);
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

async function filesIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).sort().map((name) => join(folder, name));
}
