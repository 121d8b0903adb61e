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
await renderProvisioning({ profile: 'production', out });
const config = join(out, 'alertmanager/alertmanager.yml');
const missing = spawnSync('amtool', ['--version']).error ? 'not run: amtool is not installed' : false;

interface Receiver {
  name: string;
  email_configs?: Array<{ send_resolved: boolean; to: string }>;
  webhook_configs?: Array<{ send_resolved: boolean; url: string }>;
}
const { receivers } = parse(await readFile(config, 'utf8'), { merge: true }) as { receivers: Receiver[] };

for (const [alert, severity, receiver] of [
  ['OdooDown', 'critical', 'email-and-sms'],
  ['SomeHighAlert', 'high', 'email'],
  ['SomeMediumAlert', 'medium', 'email'],
  ['OdooCronOverdue', 'warning', 'email'],
  ['PostgresTooManyConnections', 'warning', 'email-and-sms'],
  ['NginxHigh5xxErrorRate', 'warning', 'email-and-sms'],
  ['NotPostgresTooManyConnectionsEither', 'warning', 'email'],
  ['DfrOpsServiceDown', 'critical', 'email-without-service'],
  ['Watchdog', 'warning', 'watchdog'],
  ['WithoutSeverity', '', 'email'],
]) {
  test(`${alert} (${severity || 'no severity'}) goes to ${receiver}`, { skip: missing }, () => {
    const labels = [`alertname=${alert}`, ...(severity ? [`severity=${severity}`] : [])];
    const { stdout, stderr } = spawnSync('amtool', ['config', 'routes', 'test', `--config.file=${config}`, ...labels], {
      encoding: 'utf8',
    });
    assert.equal(stdout.trim(), receiver, stderr);
  });
}

test('every receiver but the one for a dead service calls the service, and tells it of resolutions', () => {
  for (const { name, webhook_configs: hooks = [] } of receivers) {
    assert.equal(hooks.length, name === 'email-without-service' ? 0 : 1, name);
    assert.ok(
      hooks.every((hook) => hook.send_resolved),
      name
    );
  }
});

test('the webhook says what its group was sent by', () => {
  const query = (name: string) => {
    const url = receivers.find((one) => one.name === name)?.webhook_configs?.[0]?.url ?? assert.fail(name);
    return new URL(url).search;
  };
  assert.equal(query('email'), '?email=1');
  assert.equal(query('email-and-sms'), '?email=1&sms=1');
  assert.equal(query('watchdog'), '');
});

test('only the news of a dead service is resolved by Alertmanager’s own mail', () => {
  for (const { name, email_configs: mails = [] } of receivers) {
    assert.equal(mails.length, name === 'watchdog' ? 0 : 1, name);
    assert.ok(
      mails.every((mail) => mail.send_resolved === (name === 'email-without-service')),
      name
    );
  }
});
