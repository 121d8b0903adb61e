import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startMailSink } from '../../../stand-ins/src/mail-sink/startMailSink.ts';
import type { Mail } from '../../../stand-ins/src/mail-sink/mailbox.ts';
import { type AlertToPost, startAlertmanager, until, withoutAlertmanager } from './test/startAlertmanager.ts';

const options = { skip: withoutAlertmanager };
const folder = await mkdtemp(join(tmpdir(), 'dfr-mails-'));
let sink: Awaited<ReturnType<typeof startMailSink>>;
let alertmanager: Awaited<ReturnType<typeof startAlertmanager>>;

before(async () => {
  const free = { host: '127.0.0.1', port: 0 };
  sink = await startMailSink({ smtp: free, http: free, folder }, { log: false });
  if (!withoutAlertmanager) {
    alertmanager = await startAlertmanager({
      site: { publicUrl: 'https://ops.dfr.example', consoleUrl: 'http://127.0.0.1:3001' },
      receivers: {
        mail: {
          to: ['all@dfr.example', 'b+1@dfr.example'],
          bySeverity: { high: ['duty@dfr.example'] },
          smarthost: `127.0.0.1:${sink.smtpPort}`,
        },
      },
    });
  }
});
after(async () => {
  await alertmanager?.stop();
  await sink.stop();
  await rm(folder, { recursive: true, force: true });
});

function alertOf(alertname: string, labels: Record<string, string> = {}, more: Partial<AlertToPost> = {}): AlertToPost {
  return {
    labels: { alertname, severity: 'critical', service: 'odoo', country: 'SLE', env: 'demo', ...labels },
    startsAt: '2026-11-24T03:14:07Z',
    ...more,
    annotations: {
      summary: `Summary of ${alertname}`,
      description: 'SLE demo: what it means.',
      value: '83% of connections',
      runbook_url: `https://ops.dfr.example/a/dfr-ops-app/runbook?alert=${alertname}`,
      actions: '',
      dashboard_uid: 'dfr-odoo',
      ...more.annotations,
    },
  };
}

/** As many alerts of one group. They begin now: Alertmanager mails the first of a group at once when it is old news. */
const groupOf = (count: number, alertname: string, labels: Record<string, string> = {}): AlertToPost[] =>
  Array.from({ length: count }, (_, index) =>
    alertOf(alertname, { instance: `host-${index}`, ...labels }, { startsAt: new Date().toISOString() })
  );

const mailsOf = async (alertname: string): Promise<Mail[]> => {
  const { messages } = (await (await fetch(`${sink.httpUrl}/messages`)).json()) as { messages: Mail[] };
  return messages.filter(({ subject }) => subject.includes(alertname));
};

/** The mail about the alerts, which all have one name. */
async function mailAbout(alerts: AlertToPost[], count = 1): Promise<Mail> {
  const name = alerts[0]?.labels.alertname ?? '';
  await alertmanager.post(alerts);
  await until(`mail ${count} about ${name}`, async () => (await mailsOf(name)).length >= count);
  return (await mailsOf(name)).at(-1)!;
}

test('one alert: what, where, how much, since when, what to do, and where to look', options, async () => {
  const alert = alertOf('OneAlert', { instance: 'dfr_odoo_prod' }, { annotations: { actions: 'odoo.restart' } });
  const { subject, text, html } = await mailAbout([alert]);
  assert.equal(subject, '[CRITICAL] OneAlert SLE demo');
  const fingerprint = /incident\?fingerprint=([0-9a-f]{16})\n/.exec(text)?.[1] ?? assert.fail(text);
  assert.equal(
    text.replace(/\r/g, '').trim(),
    `Summary of OneAlert
CRITICAL OneAlert, dfr_odoo_prod, SLE demo
Value: 83% of connections
Since: 24 Nov 03:14:07 UTC
Please acknowledge within 15m, resolve within 4h.
SLE demo: what it means.
Actions: Restart Odoo

Incident: https://ops.dfr.example/a/dfr-ops-app/incident?fingerprint=${fingerprint}
Graph: https://ops.dfr.example/a/dfr-ops-app/alerts?fingerprint=${fingerprint}
Dashboard: https://ops.dfr.example/d/dfr-odoo?from=${Date.UTC(2026, 10, 24, 2, 59, 7)}&to=now&var-country=SLE&var-env=demo&var-service=odoo
Logs: https://ops.dfr.example/a/dfr-ops-app/logs?service=odoo&from=${Date.UTC(2026, 10, 24, 2, 59, 7)}&to=${Date.UTC(2026, 10, 24, 3, 29, 7)}
Runbook: https://ops.dfr.example/a/dfr-ops-app/runbook?alert=OneAlert
Act: https://ops.dfr.example/a/dfr-ops-app/actions?fingerprint=${fingerprint}

This tells that it began; the news that it is over comes from the action service.
If Grafana is down: http://127.0.0.1:3001
DFR Ops`
  );
  const addresses = [...html.matchAll(/href="([^"]+)"/g)].map(([, address]) => address?.replaceAll('&amp;', '&'));
  assert.deepEqual(addresses.sort(), [...text.matchAll(/https?:\S+/g)].map(([address]) => address).sort());
  for (const part of ['83% of connections', '24 Nov 03:14:07 UTC', 'dfr_odoo_prod, SLE demo', 'Restart Odoo', '15m']) {
    assert.ok(html.includes(part), part);
  }
});

const dashboardIn = (text: string) => new URL(/^Dashboard: (\S+)/m.exec(text)?.[1] ?? assert.fail(text));
const dashboardButton = (html: string) =>
  /href="([^"]+)">Dashboard</.exec(html)?.[1]?.replaceAll('&amp;', '&').replaceAll('&#43;', '+') ?? assert.fail(html);

test(
  'the dashboard is opened at the instance where that is a target, and labels cannot break out of its address',
  options,
  async () => {
    const labels = { service: 'host', job: 'dfr_host_nodes', instance: 'node:9100', env: 'a&var-country=XXX#b c' };
    const { text, html } = await mailAbout([
      alertOf('HostAlert', labels, { annotations: { dashboard_uid: 'dfr-host' } }),
    ]);
    const { pathname, hash, searchParams } = dashboardIn(text);
    assert.deepEqual([pathname, hash], ['/d/dfr-host', '']);
    assert.deepEqual(Object.fromEntries(searchParams), {
      from: String(Date.UTC(2026, 10, 24, 2, 59, 7)),
      to: 'now',
      'var-country': 'SLE',
      'var-env': labels.env,
      'var-service': 'host',
      'var-instance': 'node:9100',
    });
    const inHtml = new URL(dashboardButton(html));
    assert.deepEqual([...inHtml.searchParams], [...searchParams]);
  }
);

test('what is unknown is left out, not told as empty', options, async () => {
  const labels = { alertname: 'BareAlert', country: 'SLE', env: 'demo' };
  const { subject, text, html } = await mailAbout([{ labels, annotations: { summary: 'Bare' } }]);
  assert.equal(subject, '[ALERT] BareAlert SLE demo');
  assert.match(text, /^NO SEVERITY BareAlert, SLE demo\r?$/m);
  assert.doesNotMatch(text, /Value:|Dashboard:|Logs:|Runbook:|Actions:|Act:|no value/);
  assert.doesNotMatch(html, /Value|Dashboard|Logs|Runbook|Actions|no value/);
});

test('of thirty alerts ten are told, and how many more there are', options, async () => {
  const { subject, text, html } = await mailAbout(groupOf(30, 'ThirtyAlerts'));
  assert.equal(subject, '[CRITICAL] ThirtyAlerts (30) SLE demo');
  for (const body of [text, html]) {
    assert.equal(body.match(/host-\d+/g)?.length, 10);
    assert.match(body, /and 20 more/);
    // What they share is told once.
    assert.equal(body.match(/what it means/g)?.length, 1);
    assert.equal(body.match(/\/d\/dfr-odoo\?/g)?.length, 1);
  }
});

test('of ten alerts none is left out', options, async () => {
  const { text, html } = await mailAbout(groupOf(10, 'TenAlerts'));
  for (const body of [text, html]) {
    assert.equal(body.match(/host-\d+/g)?.length, 10);
    assert.doesNotMatch(body, /more/);
  }
});

test('the subject stays under 78 characters, and names the alert whole', options, async () => {
  const name = 'OdooMailQueueExcessiveLength';
  const env = 'an-environment-with-a-name-that-nobody-should-have-chosen';
  const { subject } = await mailAbout(groupOf(2, name, { env }));
  assert.equal(subject.length, 77);
  assert.ok(subject.startsWith(`[CRITICAL] ${name} (2) SLE an-environment`), subject);
});

test('text from outside cannot become markup', options, async () => {
  const summary = '<img src=x onerror=alert(1)> & "more"';
  const { html } = await mailAbout([
    alertOf('MarkupAlert', {}, { annotations: { summary, runbook_url: 'javascript:alert(1)' } }),
  ]);
  assert.doesNotMatch(html, /<img|javascript:/);
  assert.match(html, /&lt;img src=x/);
});

test('no mail of ours says resolved: the end of an alert is no news', options, async () => {
  await mailAbout([alertOf('EndingAlert', { instance: 'stays' }), alertOf('EndingAlert', { instance: 'ends' })]);
  await alertmanager.post([
    alertOf('EndingAlert', { instance: 'ends' }, { endsAt: new Date().toISOString() }),
    alertOf('EndingAlert', { instance: 'stays' }),
    alertOf('EndingAlert', { instance: 'comes' }),
  ]);
  const { text, html } = await mailAbout([alertOf('EndingAlert', { instance: 'comes' })], 2);
  for (const body of [text, html]) {
    assert.match(body, /comes, SLE/);
    assert.doesNotMatch(body, /ends, SLE/);
    assert.doesNotMatch(body, /resolved/i);
  }
});

test('of the service itself is said that nothing is reported any more, which is what is known', options, async () => {
  await mailAbout([alertOf('DfrOpsServiceDown', { service: 'dfr-ops' })]);
  const over = alertOf('DfrOpsServiceDown', { service: 'dfr-ops' }, { endsAt: new Date().toISOString() });
  const { subject, text, html } = await mailAbout([over], 2);
  assert.equal(subject, '[NO LONGER REPORTED] DfrOpsServiceDown SLE demo');
  for (const body of [text, html]) {
    assert.match(body, /it is over, or Prometheus itself has fallen silent/);
    assert.doesNotMatch(body, /resolved|CRITICAL/i);
  }
});

for (const [mark, what, named, gets] of [
  ['test-1', 'goes to the receiver that it names alone', 'duty@dfr.example', ['duty@dfr.example']],
  [
    'test-2',
    'to somebody else goes to the receivers',
    'victim@elsewhere.example',
    ['all@dfr.example', 'b+1@dfr.example'],
  ],
  [
    'test-3',
    'to a list goes to the receivers',
    'duty@dfr.example, victim@elsewhere.example',
    ['all@dfr.example', 'b+1@dfr.example'],
  ],
  ['test-4', 'to nobody goes to the receivers', '', ['all@dfr.example', 'b+1@dfr.example']],
] as const) {
  test(`a test of mail ${what}`, options, async () => {
    const labels = { alertname: 'DfrOpsTest', severity: 'warning', service: 'dfr-ops', test: mark };
    await alertmanager.post([{ labels, annotations: { mail_to: named, summary: 'A test' } }]);
    await until(`the mail ${mark}`, async () => (await mailsOf(`(${mark})`)).length > 0);
    assert.deepEqual((await mailsOf(`(${mark})`)).flatMap(({ to }) => to).sort(), gets);
  });
}

test('every action is told by the title that it has in the service', options, async () => {
  const actions = join(import.meta.dirname, '../../../action-service/src/actions');
  const titles = new Map<string, string>();
  for (const name of (await readdir(actions)).filter((one) => one.endsWith('.ts') && !one.endsWith('.test.ts'))) {
    const found = /^  id: '([a-z]+\.[a-z-]+)',\n  title: (?:'([^']+)'|"([^"]+)"),$/m.exec(
      await readFile(join(actions, name), 'utf8')
    );
    if (found?.[1]) {
      titles.set(found[1], found[2] ?? found[3] ?? '');
    }
  }
  assert.ok(titles.size >= 6, 'the actions were not found');
  const told = await mailAbout([
    alertOf('ActionAlert', {}, { annotations: { actions: [...titles.keys()].join(',') } }),
  ]);
  assert.match(told.text, new RegExp(`^Actions: ${[...titles.values()].join(', ')}\\r?$`, 'm'));
});
