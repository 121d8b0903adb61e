import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parse } from 'yaml';
import { renderProvisioning } from './render.ts';

const out = await mkdtemp(join(tmpdir(), 'dfr-routing-'));
after(() => rm(out, { recursive: true, force: true }));
await renderProvisioning({
  profile: 'production',
  out,
  overrides: {
    receivers: {
      mail: { to: ['all@dfr.example'], bySeverity: { critical: ['duty@dfr.example', 'he+ad@dfr.example'] } },
    },
  },
});
const config = join(out, 'alertmanager/alertmanager.yml');
const missing = spawnSync('amtool', ['--version']).error ? 'not run: amtool is not installed' : false;

interface Receiver {
  name: string;
  email_configs?: Array<{ send_resolved: boolean; to: string }>;
  webhook_configs?: Array<{ send_resolved: boolean; url: string }>;
}
interface Route {
  receiver: string;
  matchers?: string[];
  continue?: boolean;
  active_time_intervals?: string[];
  routes?: Route[];
}
interface Config {
  receivers: Receiver[];
  route: Route;
  time_intervals: Array<{ name: string; time_intervals: unknown[] }>;
}
const readConfig = async (file: string) => parse(await readFile(file, 'utf8'), { merge: true }) as Config;
const { receivers, route, time_intervals: intervals } = await readConfig(config);

const services = ['odoo', 'postgresql', 'nginx', 'host', 'dfr-ops'];

const bySeverity: Array<[string, string]> = [
  ['critical', 'email-and-sms'],
  ['high', 'email-high'],
  ['medium', 'service,email-medium'],
  ['warning', 'service,email-warning'],
  ['', 'email'],
  ['unheard-of', 'email'],
];

function routesOf(labels: Record<string, string>): string {
  const given = Object.entries(labels).flatMap(([name, value]) => (value ? [`${name}=${value}`] : []));
  const { status, stdout, stderr } = spawnSync(
    'amtool',
    ['config', 'routes', 'test', `--config.file=${config}`, ...given],
    {
      encoding: 'utf8',
    }
  );
  assert.equal(status, 0, stderr);
  return stdout.trim();
}

for (const [severity, expected] of bySeverity) {
  test(`${severity || 'no severity'} goes to ${expected}, whatever the service`, { skip: missing }, () => {
    for (const service of services) {
      assert.equal(routesOf({ alertname: 'AnyAlert', severity, service }), expected, service);
    }
  });
}

for (const [alertname, severity, service, expected] of [
  ['OdooDown', 'critical', 'odoo', 'email-and-sms'],
  ['PostgresTooManyConnections', 'warning', 'postgresql', 'email-and-sms'],
  ['NginxHigh5xxErrorRate', 'warning', 'nginx', 'email-and-sms'],
  ['NotPostgresTooManyConnectionsEither', 'warning', 'postgresql', 'service,email-warning'],
  ['OdooCronOverdue', 'warning', 'odoo', 'service,email-warning'],
  ['DfrOpsServiceDown', 'critical', 'dfr-ops', 'email-without-service'],
  ['Watchdog', 'warning', 'dfr-ops', 'watchdog'],
  ['DfrOpsTest', 'critical', 'dfr-ops', 'test-mail'],
] as const) {
  test(`${alertname} goes to ${expected}`, { skip: missing }, () => {
    assert.equal(routesOf({ alertname, severity, service }), expected);
  });
}

test('the service hears of everything but its own death and tests of mail, and of ends too', () => {
  for (const { name, webhook_configs: hooks = [] } of receivers) {
    assert.equal(hooks.length, ['email-without-service', 'test-mail'].includes(name) ? 0 : 1, name);
    assert.ok(
      hooks.every((hook) => hook.send_resolved),
      name
    );
  }
});

test('the webhook says what its group was sent by', () => {
  const queries = receivers.flatMap(({ name, webhook_configs: [hook] = [] }) =>
    hook ? [[name, new URL(hook.url).search]] : []
  );
  assert.deepEqual(Object.fromEntries(queries), {
    email: '?email=1&resolved=email&to=all%40dfr.example',
    'email-and-sms': '?email=1&sms=1&resolved=email,sms&to=duty%40dfr.example,he%2Bad%40dfr.example',
    'email-high': '?email=1&resolved=email&to=all%40dfr.example',
    'email-medium': '?email=1&resolved=&to=all%40dfr.example',
    'email-warning': '?email=1&resolved=&to=all%40dfr.example',
    service: '',
    watchdog: '',
  });
});

test('only the news of a dead service is ended by Alertmanager’s own mail', () => {
  for (const { name, email_configs: mails = [] } of receivers) {
    assert.equal(mails.length, ['watchdog', 'service'].includes(name) ? 0 : 1, name);
    assert.ok(
      mails.every((mail) => mail.send_resolved === (name === 'email-without-service')),
      name
    );
  }
});

test('a severity with a list of its own is mailed to it, the others to everybody', () => {
  const to = receivers.flatMap(({ name, email_configs: [mail] = [] }) => (mail ? [[name, mail.to]] : []));
  assert.deepEqual(Object.fromEntries(to), {
    email: 'all@dfr.example',
    'email-and-sms': 'duty@dfr.example, he+ad@dfr.example',
    'email-high': 'all@dfr.example',
    'email-medium': 'all@dfr.example',
    'email-warning': 'all@dfr.example',
    'email-without-service': 'duty@dfr.example, he+ad@dfr.example',
    'test-mail':
      '{{ if eq .CommonAnnotations.mail_to "all@dfr.example" "duty@dfr.example" "he+ad@dfr.example" }}' +
      '{{ .CommonAnnotations.mail_to }}{{ else }}all@dfr.example{{ end }}',
  });
});

test('the service mails the end to those whom the same receiver mails the beginning', () => {
  for (const { name, email_configs: [mail] = [], webhook_configs: [hook] = [] } of receivers) {
    if (mail && hook) {
      const to = new URL(hook.url).searchParams.get('to');
      assert.deepEqual(to?.split(','), mail.to.split(', '), name);
    }
  }
});

test('the end of a high alert is not sent by SMS, since its beginning was not: refused', async () => {
  const overrides = { receivers: { resolved: { high: ['sms'] } } } as never;
  const rendering = renderProvisioning({ profile: 'production', out: join(out, 'refused'), overrides });
  await assert.rejects(rendering, /overrides: receivers.resolved.high.0: Only what is critical goes out by SMS/);
});

test('mails of medium and warning alerts alone are held outside working hours, and no webhook but theirs', () => {
  const held = (route.routes ?? []).filter((one) => one.active_time_intervals);
  assert.deepEqual(
    held.map((one) => [one.receiver, one.active_time_intervals]),
    [
      ['email-medium', ['mail-times']],
      ['email-warning', ['mail-times']],
    ]
  );
  assert.deepEqual(intervals, [
    {
      name: 'mail-times',
      time_intervals: [
        {
          weekdays: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'],
          times: [{ start_time: '07:00', end_time: '19:00' }],
          location: 'Africa/Freetown',
        },
      ],
    },
  ]);
});

test('the demonstration holds nothing', async () => {
  const demo = join(out, 'demo');
  await renderProvisioning({ profile: 'demo', out: demo });
  const { time_intervals: always } = await readConfig(join(demo, 'alertmanager/alertmanager.yml'));
  assert.deepEqual(always[0]?.time_intervals, [{ times: [{ start_time: '00:00', end_time: '24:00' }] }]);
});

for (const [what, workingHours, reason] of [
  ['hours that end before they begin', { from: '19:00', to: '07:00' }, /workingHours.to: It must be later/],
  ['no day', { days: [] }, /workingHours.days: At least one day/],
  ['a time zone that is none', { timeZone: 'Freetown' }, /workingHours.timeZone: A time zone/],
  ['an hour that is none', { to: '25:00' }, /workingHours.to: A time of day/],
] as const) {
  test(`${what}: refused`, async () => {
    const overrides = { alertmanager: { workingHours: { ...workingHours, days: [...('days' in workingHours ? workingHours.days : ['monday' as const])] } } }; // prettier-ignore
    await assert.rejects(renderProvisioning({ profile: 'production', out: join(out, 'refused'), overrides }), reason);
  });
}
