import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv, promisify } from 'node:util';
import { z } from 'zod';
import { composeFolder, type ComposeSettings } from '../compose/composeSettings.ts';
import { basicAuthHeader } from '../httpProbe.ts';
import { StartProblem } from '../problem.ts';
import { readSecret } from '../stackFile.ts';
import type { Server } from './ask.ts';
import { failed, NotChecked, ok, warning, type Finding } from './check.ts';
import type { Installation } from './installation.ts';

const run = promisify(execFile);

/**
 * What `docker compose up` runs from the folder `root`. Only Grafana has a port on this machine, so everything else is asked
 * through its datasources, as its administrator.
 */
export function composeInstallation(root: string): Installation {
  const settings = readSettings(root);
  const folder = composeFolder(root, settings);
  const grafana = `http://127.0.0.1:${settings['DFR_OPS_GRAFANA_PORT'] || '3000'}`;
  const passwordFile = join(folder, 'secrets/grafana_admin_password');
  const headers = { authorization: basicAuthHeader({ user: 'admin', password: readSecret(passwordFile) }) };
  const through = (name: string, uid: string): Server => ({
    name: `${name} (through Grafana)`,
    url: `${grafana}/api/datasources/proxy/uid/${uid}`,
    headers,
  });
  const demo = settings['COMPOSE_PROFILES'] !== 'monitor';
  const sink = (name: string, port: string) => `http://127.0.0.1:${settings[name] || port}`;
  return {
    kind: 'compose',
    title: `containers prepared in ${folder}`,
    config: join(folder, 'config'),
    prometheus: through('Prometheus', 'dfr-prometheus'),
    alertmanagers: [through('Alertmanager', 'dfr-alertmanager')],
    logs: through('Loki', 'dfr-loki'),
    startedAt: null,
    hasRuler: true,
    service: {
      read: through('The action service', 'dfr-ops/read'),
      act: through('The action service', 'dfr-ops/act'),
    },
    parts: () => askCompose(root),
    data: join(folder, 'data'),
    mailSink: demo ? sink('DFR_OPS_MAIL_PORT', '8025') : null,
    smsSink: demo ? sink('DFR_OPS_SMS_PORT', '8026') : null,
    logOf: (part) => `docker compose logs --tail 50 ${part}`,
    reload: 'docker compose restart prometheus alertmanager loki',
    login: async () => ({
      url: settings['DFR_OPS_PUBLIC_URL'] || grafana,
      how: `sign in as admin; the password stands in ${passwordFile}`,
    }),
  };
}

/** Whether `npm run compose -- --prepare` has been here. */
export function isPrepared(root: string): boolean {
  return existsSync(join(root, '.env')) && existsSync(join(composeFolder(root, readSettings(root)), 'config'));
}

function readSettings(root: string): ComposeSettings {
  try {
    return parseEnv(readFileSync(join(root, '.env'), 'utf8')) as ComposeSettings;
  } catch (error) {
    throw new StartProblem('doctor', `${root}/.env cannot be read`, 'Run npm run compose -- --prepare first.', {
      error,
    });
  }
}

const Container = z.object({
  Service: z.string(),
  State: z.string(),
  Health: z.string().default(''),
  Status: z.string().default(''),
});

async function askCompose(root: string): Promise<Finding[]> {
  const compose = async (...args: string[]) =>
    (await run('docker', ['compose', ...args], { cwd: root, timeout: 4500 })).stdout.trim();
  const [services, containers] = await Promise.all([
    compose('config', '--services'),
    compose('ps', '--all', '--format', 'json'),
  ]).catch((error: NodeJS.ErrnoException & { stderr?: string }) => {
    const why =
      error.code === 'ENOENT'
        ? 'there is no `docker` on the PATH'
        : (error.stderr?.trim() || error.message).split('\n')[0];
    throw new NotChecked(
      `Docker does not answer: ${why}`,
      'Run the doctor where the engine is, as a user who may use it.'
    );
  });
  return judgeContainers(services.split('\n').filter(Boolean).sort(), containers);
}

/** `containers`: what `docker compose ps --format json` prints, one object a line or one list. */
export function judgeContainers(services: readonly string[], containers: string): Finding[] {
  const listed = containers.startsWith('[') ? containers : `[${containers.split('\n').filter(Boolean).join(',')}]`;
  const known = new Map(
    z
      .array(Container)
      .parse(JSON.parse(listed))
      .map((one) => [one.Service, one])
  );
  return services.map((service) => {
    const container = known.get(service);
    const log = `docker compose logs --tail 50 ${service}`;
    if (!container) {
      return failed(service, 'There is no container of it.', 'docker compose up -d');
    }
    if (container.State !== 'running') {
      return failed(service, `It is ${container.State}.`, `docker compose up -d; why it ended: ${log}`);
    }
    if (container.Health === 'unhealthy') {
      return failed(service, 'It runs and is not healthy.', log);
    }
    return container.Health === 'starting'
      ? warning(service, 'It is starting.', 'Ask again in a minute.')
      : ok(service, container.Status || 'running');
  });
}
