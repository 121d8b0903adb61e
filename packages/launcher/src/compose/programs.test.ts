import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { readConfig as readAgent } from '../../../agent/src/config.ts';
import { readConfig as readBackup } from '../../../agent/src/backup/config.ts';
import { readConfig as readService } from '../../../action-service/src/config.ts';
import { readConfig as readHost } from '../../../host/src/config.ts';
import { readConfig as readMailSink } from '../../../stand-ins/src/mail-sink/config.ts';
import { readConfig as readSmsSink } from '../../../stand-ins/src/sms-sink/config.ts';
import { repoRoot } from '../native/context.ts';
import { settingsFromValues } from './composeValues.ts';
import { preparedCompose, type PreparedCompose } from './test/preparedCompose.ts';
import { readComposeFile } from './test/readComposeFile.ts';

const demo = await preparedCompose('demo');
const monitor = await preparedCompose('monitor');
after(() => [demo, monitor].forEach((one) => one.remove()));

/** A service's environment with the secrets where they are on this side of the mount. */
function environmentOf({ compose, folder }: PreparedCompose, name: string): Record<string, string> {
  const environment = compose.services[name]?.environment ?? {};
  return Object.fromEntries(
    Object.entries(environment).map(([key, value]) => [key, value.replace('/run/secrets', join(folder, 'secrets'))])
  );
}

test('the action service takes its environment, in both profiles', () => {
  const inDemo = readService(environmentOf(demo, 'action-service'));
  assert.equal(inDemo.demonstration, true);
  assert.equal(inDemo.secret, demo.secrets.read('dfr_ops_secret'));
  const token = demo.secrets.read('sms_provider_token');
  assert.deepEqual(inDemo.sms?.way, { kind: 'messages', url: 'http://sms-sink:8027', token });
  assert.ok(inDemo.mail && inDemo.odoo && inDemo.postgres && inDemo.dockerSocket && inDemo.nginxAgentSocket);
  const inMonitor = readService(environmentOf(monitor, 'action-service'));
  assert.equal(inMonitor.demonstration, false);
  assert.equal(inMonitor.sms, null);
  assert.equal(inMonitor.nginxAgentSocket, null);
  assert.match(inMonitor.policyFile, /policy\.yaml$/);
  assert.throws(() => readService({ ...environmentOf(demo, 'action-service'), LOKI_URL: 'loki' }), /LOKI_URL/);
});

test('a mail server that asks for a login gets it from the service and from both Alertmanagers', () => {
  const { values, secrets, folder, settings } = monitor;
  const withLogin = structuredClone(values);
  withLogin.receivers.mail.username = 'dfr@ops';
  const asked = readComposeFile({ ...settings, ...settingsFromValues('monitor', withLogin, {}), DFR_OPS_DIR: folder });
  const { mail } = readService(environmentOf({ ...monitor, compose: asked }, 'action-service'));
  assert.equal(mail?.smtpUrl, `smtp://dfr%40ops@${values.receivers.mail.smarthost}`);
  assert.equal(mail?.password, secrets.read('smtp_password'));
  const rendered = readFileSync(join(folder, 'config/alertmanager/alertmanager.yml'), 'utf8');
  assert.match(rendered, /smtp_auth_password_file: '\/run\/secrets\/smtp_password'/);
  for (const name of ['action-service', 'alertmanager', 'alertmanager-2']) {
    assert.ok(asked.services[name]?.secrets?.includes('smtp_password'), name);
  }
  const { mail: without } = readService(environmentOf(monitor, 'action-service'));
  assert.equal(without?.smtpUrl, `smtp://${values.receivers.mail.smarthost}`);
});

test('what the service takes for Grafana’s issuer is what Grafana is told', () => {
  const { environment = {} } = demo.compose.services['grafana'] ?? {};
  const { grafana } = readService(environmentOf(demo, 'action-service'));
  assert.equal(`${grafana.issuer}/`, environment['GF_SERVER_ROOT_URL']);
});

test('agent and Nginx speak of the same files', () => {
  const { nginx, socket, logLimit } = readAgent(demo.compose.services['nginx']?.environment ?? {});
  const { values } = demo;
  assert.deepEqual(logLimit?.logs.sort(), [values.nginx.accessLog, values.nginx.errorLog].sort());
  assert.equal(nginx.pidFile, values.nginx.pidFile);
  assert.equal(nginx.errorLog, values.nginx.errorLog);
  assert.equal(nginx.upstreamInclude, values.nginx.upstreamInclude);
  assert.equal(nginx.maintenanceFlag, values.nginx.maintenanceFlag);
  assert.deepEqual([nginx.limits?.include, nginx.denyInclude], [values.nginx.limitInclude, values.nginx.denyInclude]);
  const { command = [], volumes = [] } = demo.compose.services['nginx'] ?? {};
  const script = readFileSync(join(repoRoot, command[1] ?? ''), 'utf8');
  assert.match(script, /nginx -p "\$NGINX_PREFIX" -c "\$NGINX_CONF" -e "\$NGINX_ERROR_LOG"/);
  assert.equal(`${/^logs=(.+)$/m.exec(script)?.[1]}/access.log`, values.nginx.accessLog);
  assert.ok(volumes.some((volume) => volume.endsWith(`:${dirname(nginx.conf)}:ro`)));
  assert.equal(socket, readService(environmentOf(demo, 'action-service')).nginxAgentSocket);
  for (const include of [nginx.upstreamInclude, nginx.limits?.include ?? '', nginx.denyInclude ?? '']) {
    assert.ok(existsSync(include.replace('/var/lib/dfr-nginx', join(demo.folder, 'data/nginx'))), include);
  }
  assert.ok(existsSync(join(demo.folder, 'config/nginx', basename(nginx.limits?.folder ?? ''), 'off.conf')));
});

test('mtail counts the logs that Nginx, Odoo and PostgreSQL write', () => {
  const { volumes = [], command = [] } = demo.compose.services['mtail'] ?? {};
  const outside = (volumes: string[], path: string) => {
    const [from = '', to = ''] = volumes.map((one) => one.split(':')).find(([, to = '']) => path.startsWith(to)) ?? [];
    return path.replace(to, from);
  };
  const counted = command.flatMap((flag) => /^--logs=(.+)$/.exec(flag)?.[1]?.split(',') ?? []);
  const written = (service: string, paths: string[]) =>
    paths.map((path) => outside(demo.compose.services[service]?.volumes ?? [], path));
  const started = (name: string) =>
    /keepLog\.sh ([^\s)]+)/.exec(readFileSync(join(repoRoot, 'docker', name, 'start.sh'), 'utf8'))?.[1];
  assert.deepEqual(
    counted.map((path) => outside(volumes, path)),
    [
      ...written('nginx', [demo.values.nginx.accessLog, demo.values.nginx.errorLog]),
      ...written('odoo', [started('odoo') ?? '']),
      ...written('postgres', [started('postgres') ?? '']),
    ]
  );
});

test('the backup program takes its environment, and its pg_dump is as new as the server', () => {
  const { plan, listen, socket } = readBackup(environmentOf(demo, 'backup'));
  assert.equal(socket, readService(environmentOf(demo, 'action-service')).backupSocket);
  assert.equal(readService(environmentOf(monitor, 'action-service')).backupSocket, null);
  assert.equal(plan.databaseUrl, 'postgres://dfr_backup@postgres:5432/dfr');
  assert.deepEqual(demo.values.addresses.backup, [`backup:${listen.port}`]);
  const login = readFileSync(plan.passFile, 'utf8').trim();
  assert.equal(login, `postgres:5432:dfr:dfr_backup:${demo.secrets.read('postgres_dfr_backup_password')}`);
  const images = readFileSync(join(repoRoot, 'docker/programs.Dockerfile'), 'utf8');
  assert.equal(/POSTGRES_IMAGE=(\S+)/.exec(images)?.[1], demo.compose.services['postgres']?.image);
});

test('console and sinks take their environments', () => {
  const folders = { HOST_DIST: repoRoot, HOST_DASHBOARDS: join(repoRoot, 'dashboards') };
  const host = readHost({ ...environmentOf(demo, 'console'), ...folders });
  assert.deepEqual(host.datasources.map(({ uid }) => uid).sort(), [
    'dfr-alertmanager',
    'dfr-loki',
    'dfr-ops',
    'dfr-prometheus',
  ]);
  assert.equal(readMailSink(environmentOf(demo, 'mail-sink')).smtp.port, 2525);
  assert.equal(readSmsSink(environmentOf(demo, 'sms-sink')).token, demo.secrets.read('sms_provider_token'));
});

test('each program that a service runs is there, and is copied into its image', () => {
  const images = readFileSync(join(repoRoot, 'docker/programs.Dockerfile'), 'utf8');
  const [programs = '', agent = '', backup = ''] = images.split(/FROM \$\{(?:NGINX|POSTGRES)_IMAGE\}/);
  for (const [name, { command = [], build, healthcheck }] of Object.entries(demo.compose.services)) {
    const run = [...command, ...healthcheck.test].filter((one) => /^(packages|docker)\/.+\.(ts|mjs|sh)$/.test(one));
    for (const part of run) {
      assert.ok(existsSync(join(repoRoot, part)), `${name}: ${part}`);
      const stage = { agent, backup }[build?.target ?? ''] ?? programs;
      const copied = [part, /^(packages\/[^/]+\/src|docker\/\w+)\//.exec(part)?.[1]];
      const sources = [...stage.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, text = '']) => text.split(' '));
      assert.ok(
        sources.some((source) => copied.includes(source)),
        `${name}: ${part} is not in its image`
      );
    }
  }
});
