import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TestNotice, TestNoticesAnswer } from '@dfr-ops/contracts';
import { parse } from 'yaml';
import { z } from 'zod';
import { ask, type Server } from '../ask.ts';
import { failed, NotChecked, ok, type Check, type Finding } from '../check.ts';
import type { Installation } from '../installation.ts';

export interface Recipients {
  mail: string | null;
  sms: string | null;
}

const waitMs = 20_000;

/** Really sends to those who were named on the command line; nothing when nobody was. */
export function sendingChecks(installation: Installation, { mail, sms }: Recipients): Check[] {
  const deadlineMs = waitMs + 10_000;
  const checks: Check[] = [];
  if (mail) {
    const remedy = `See receivers.mail in the values, and ${installation.logOf('alertmanager')}.`;
    checks.push({
      name: 'Mail by Alertmanager',
      remedy,
      deadlineMs,
      look: () => mailByAlertmanager(installation, mail),
    });
  }
  if (mail || sms) {
    const remedy = `See SMTP_URL and SMS_PROVIDER_URL of the action service, and ${installation.logOf('action-service')}.`;
    checks.push({
      name: 'Test by the action service',
      remedy,
      deadlineMs,
      look: () => byService(installation, { mail, sms }),
    });
  }
  return checks;
}

/** The way of every alert: posted as Prometheus posts, routed by the running configuration, mailed by Alertmanager's SMTP. */
async function mailByAlertmanager(installation: Installation, to: string): Promise<Finding> {
  const name = 'Mail by Alertmanager';
  const server = installation.alertmanagers[0];
  if (!server) {
    throw new NotChecked('no Alertmanager is known', 'Name it in addresses.alertmanager of the values.');
  }
  const receivers = await mailReceivers(installation);
  if (!receivers.includes(to)) {
    throw new NotChecked(
      `${to} is no receiver, and Alertmanager mails a test to receivers only`,
      `Name one of ${receivers.join(', ')}, or add it to receivers.mail of the values.`
    );
  }
  const test = randomBytes(4).toString('hex');
  const [since, before] = [new Date(Date.now() - 2000), await mailCounters(server)];
  const alert = {
    labels: { alertname: 'DfrOpsTest', severity: 'warning', service: 'dfr-ops', test },
    annotations: {
      mail_to: to,
      summary: `A test that an administrator asked for (npm run doctor, ${test}). Nothing is wrong.`,
    },
    endsAt: new Date(Date.now() + 60_000).toISOString(),
  };
  await ask(server, '/api/v2/alerts', [alert]);
  for (const end = Date.now() + waitMs; Date.now() < end; await sleep(500)) {
    if (installation.mailSink && (await isInSink(installation.mailSink, since, test))) {
      return ok(name, `The mail to ${to} arrived in the mail sink (test ${test}).`);
    }
    const now = await mailCounters(server);
    if (now.failed > before.failed) {
      const remedy = `See why in ${installation.logOf('alertmanager')}: server, port, login, TLS of receivers.mail.`;
      return failed(name, 'Alertmanager could not hand the mail to the mail server.', remedy);
    }
    if (!installation.mailSink && now.sent > before.sent) {
      return ok(
        name,
        `The mail server took the mail to ${to} (test ${test}). Whether it was delivered, nobody can say: look.`
      );
    }
  }
  const remedy = 'See that Alertmanager runs the rendered configuration, which has the route DfrOpsTest.';
  return failed(name, `Alertmanager took the test alert and sent no mail within ${waitMs / 1000} s.`, remedy);
}

const Receivers = z.object({
  receivers: z.array(z.object({ name: z.string(), email_configs: z.array(z.object({ to: z.string() })).default([]) })),
});

/** Whom the rendered configuration mails: the list that the route of the test compares with. */
async function mailReceivers({ config }: Installation): Promise<string[]> {
  const text = await readFile(join(config, 'alertmanager/alertmanager.yml'), 'utf8').catch((error: Error) => {
    throw new NotChecked(
      `the receivers are not known (${error.message})`,
      'Render the configuration: npm run provision.'
    );
  });
  const { receivers } = Receivers.parse(parse(text, { merge: true }));
  const addresses = receivers
    .filter(({ name }) => !name.endsWith('test-mail'))
    .flatMap(({ email_configs: mails }) => mails.flatMap((mail) => mail.to.split(',').map((one) => one.trim())));
  return [...new Set(addresses)];
}

/** Requests to the mail server since Alertmanager's start, and how many of them failed. */
async function mailCounters(server: Server): Promise<{ sent: number; failed: number }> {
  const { text } = await ask(server, '/metrics');
  const sum = (metric: string) =>
    [...text.matchAll(new RegExp(`^${metric}\\{[^}]*integration="email"[^}]*\\} (\\S+)$`, 'gm'))].reduce(
      (total, [, value]) => total + Number(value),
      0
    );
  return {
    sent: sum('alertmanager_notification_requests_total'),
    failed: sum('alertmanager_notification_requests_failed_total'),
  };
}

const Mails = z.object({ messages: z.array(z.object({ subject: z.string().nullish() })) });

async function isInSink(url: string, since: Date, test: string): Promise<boolean> {
  const { body } = await ask({ name: 'The mail sink', url, headers: {} }, `/messages?since=${since.toISOString()}`);
  return Mails.parse(body).messages.some(({ subject }) => subject?.includes(test));
}

async function byService({ service }: Installation, { mail, sms }: Recipients): Promise<Finding[]> {
  if (!service) {
    throw new NotChecked('the action service cannot be asked from here', 'Give --secrets DIR.');
  }
  const { body } = await ask(service.act, '/doctor/notices', { mail, sms });
  const { notices } = TestNoticesAnswer.parse(body);
  return Promise.all(notices.map(async (notice) => inWords(await afterReceipt(service.read, notice), { mail, sms })));
}

/** An SMS is waited for until its receipt comes, or does not. */
async function afterReceipt(read: Server, notice: TestNotice): Promise<TestNotice> {
  let known = notice;
  for (
    const end = Date.now() + waitMs / 2;
    known.channel === 'sms' && known.state === 'accepted' && Date.now() < end;
  ) {
    await sleep(500);
    known = TestNotice.parse((await ask(read, `/doctor/notices/${notice.reference}`)).body);
  }
  return known;
}

function inWords({ channel, state, error }: TestNotice, { mail, sms }: Recipients): Finding {
  const name = channel === 'mail' ? 'Mail by the action service' : 'SMS by the action service';
  const to = channel === 'mail' ? mail : sms;
  if (state === 'failed') {
    const settings = channel === 'mail' ? 'SMTP_URL and MAIL_FROM' : 'SMS_PROVIDER_URL, its token and SMS_FROM';
    return failed(name, error ?? 'It failed.', `See ${settings} of the action service.`);
  }
  if (state === 'delivered') {
    return ok(name, `The provider says that the SMS to ${to} was delivered.`);
  }
  return ok(
    name,
    channel === 'mail'
      ? `The mail server took the mail to ${to}. Whether it was delivered, nobody can say: look.`
      : `The provider took the SMS to ${to}; no receipt has come yet.`
  );
}
