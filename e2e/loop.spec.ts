import { expect, test } from '@playwright/test';
import type { IncidentDetail } from '@dfr-ops/contracts';
import { breakUpstream, exhaustConnections, killOdoo, type Fault } from './faults';
import { mendIt, seeItFire, seeItMended, understandIt, type Journey } from './journey';
import { loginAs } from './login';
import { peace } from './peace';
import { Records, until } from './records';
import { currentStack } from './stack';

const journeys: Array<Journey & { cause: (stack: ReturnType<typeof currentStack>) => Fault }> = [
  {
    alert: 'PostgresTooManyConnections',
    service: 'postgresql',
    action: 'postgres.terminate-idle',
    summary: /would end \d+ sessions?/i,
    statement: /dfr_ops\.terminate_idle/,
    logLine: /too many (clients|connections)|remaining connection slots/i,
    cause: exhaustConnections,
  },
  {
    alert: 'OdooDown',
    service: 'odoo',
    action: 'odoo.restart',
    summary: /would (re)?start dfr_odoo_prod/i,
    statement: /POST .*\/containers\/dfr_odoo_prod\/restart/,
    logLine: /odoo/i,
    typedTarget: 'dfr_odoo_prod',
    cause: killOdoo,
  },
  {
    alert: 'NginxHigh5xxErrorRate',
    service: 'nginx',
    action: 'nginx.undrain',
    summary: /would/i,
    statement: /down taken off.*nginx -t/,
    logLine: /no live upstreams|502/,
    cause: breakUpstream,
  },
];

test.beforeEach(() => peace(currentStack()));

for (const journey of journeys) {
  test(`${journey.alert}: noticed, told, understood, mended, seen to be mended`, async ({ page }) => {
    test.setTimeout(240_000);
    const stack = currentStack();
    const records = new Records(stack);
    await loginAs(page, stack, 'admin');
    const since = new Date();
    const fault = journey.cause(stack);
    try {
      const fingerprint = await seeItFire(page, stack, journey);
      const mail = await until(
        'the mail of the breach',
        30,
        async () => (await records.mails(since, new RegExp(`^(?!.*resolved).*${journey.alert}`, 'i')))[0]
      );
      const sms = await until(
        'the SMS of the breach',
        30,
        async () => (await records.texts(since, new RegExp(`^(?!.*resolved).*${journey.alert}`, 'is')))[0]
      );
      for (const text of [mail.text, sms.text]) {
        expect(text).toContain(journey.alert);
        expect(text).toMatch(/critical|high|medium|warning/i);
        expect(text).toMatch(/\/a\/dfr-ops-app\/(incident|alerts)\?/);
        expect(text).toMatch(/\/a\/dfr-ops-app\/runbook\?/);
        expect(text).toMatch(/\/a\/dfr-ops-app\/logs\?/);
      }
      const [before] = await records.prometheusAlerts(journey.alert);
      await understandIt(page, stack, journey);
      await mendIt(page, stack, journey);
      const incident = await seeItMended(page, stack, journey, fingerprint, since);
      await expectInstantsOf(incident, records, { since, activeAt: before.activeAt, mail: mail.at, sms: sms.at });
    } finally {
      fault.undo();
    }
  });
}

/** Every instant of the timeline equals what an independent record says, within a second. */
async function expectInstantsOf(
  incident: IncidentDetail,
  records: Records,
  seen: { since: Date; activeAt: string; mail: string; sms: string }
): Promise<void> {
  const at = (kind: string) => Date.parse(incident.timeline.find((event) => event.kind === kind)?.at ?? '');
  const near = (kind: string, independent: number, what: string) =>
    expect(
      Math.abs(at(kind) - independent),
      `${kind} is ${at(kind) - independent} ms from ${what}`
    ).toBeLessThanOrEqual(1000);
  near('pending', Date.parse(seen.activeAt), "Prometheus's activeAt");
  const firing = await records.firingSamples(incident.alertName, seen.since, new Date());
  near('firing', firing[0], "the first sample of Prometheus's ALERTS");
  const normal = at('normal');
  const last = firing.filter((sample) => sample <= normal + 1000).at(-1) ?? Number.NaN;
  expect(normal - last, 'normal comes with the first evaluation after the last firing one').toBeLessThanOrEqual(2000);
  expect(normal - last).toBeGreaterThanOrEqual(0);
  near('email_flushed', Date.parse(seen.mail), 'the mail server');
  near('sms_accepted', Date.parse(seen.sms), 'the SMS provider');
  const [resolvedMail] = (await records.mails(seen.since, /resolved/i)).filter((mail) =>
    mail.text.includes(incident.id)
  );
  near('resolved_email_accepted', Date.parse(resolvedMail.at), 'the mail server');
  const [resolvedSms] = (await records.texts(seen.since, /resolved/i)).filter((sms) => sms.text.includes(incident.id));
  near('resolved_sms_accepted', Date.parse(resolvedSms.at), 'the SMS provider');
}
