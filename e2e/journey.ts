import { expect, type Page } from '@playwright/test';
import type { IncidentDetail, Run } from '@dfr-ops/contracts';
import type { StackFile } from '../packages/launcher/src/stackFile.ts';
import { apiAs } from './login';
import { Records, until } from './records';
import { takeScreenshot } from './screenshots';

/** What differs between the three journeys from a breach to its recovery. */
export interface Journey {
  alert: string;
  /** Label `service` of the alert. */
  service: string;
  action: string;
  /** What the preview says it would do, and the exact statement or call. */
  summary: RegExp;
  statement: RegExp;
  /** A line that the service's log holds while the fault lasts. */
  logLine: RegExp;
  /** Name to type where the action asks for it. */
  typedTarget?: string;
}

/** Opens the alerts and waits for this one to fire; answers its fingerprint. */
export async function seeItFire(page: Page, stack: StackFile, journey: Journey): Promise<string> {
  await page.goto(`${stack.addresses.host}/a/dfr-ops-app/alerts`);
  const row = page.locator(`[data-testid="dfr-alert-row"][data-alertname="${journey.alert}"]`).first();
  await expect(row).toBeVisible({ timeout: 60_000 });
  await expect(row).toContainText(/firing/i, { timeout: 30_000 });
  await takeScreenshot(page, `${journey.alert}-1-firing`);
  const [alert] = await until('the alert in Alertmanager', 20, async () => {
    const alerts = await new Records(stack).alertmanagerAlerts(journey.alert);
    return alerts.length > 0 ? alerts : null;
  });
  return alert.fingerprint;
}

/** From the alert, one click each: graph with threshold, logs, runbook. */
export async function understandIt(page: Page, stack: StackFile, journey: Journey): Promise<void> {
  await follow(page, stack, journey, 'graph');
  await expect(page.getByTestId('dfr-graph').first()).toBeVisible();
  await expect(page.getByTestId('dfr-graph-threshold').first()).toBeAttached();

  await follow(page, stack, journey, 'logs');
  expect(page.url()).toContain(`service=${journey.service}`);
  expect(page.url()).toMatch(/[?&]from=\d+&.*to=/);
  await expect(page.getByTestId('dfr-log-line').first()).toBeVisible();
  await expect(page.getByTestId('dfr-log-line').filter({ hasText: journey.logLine }).first()).toBeVisible();
  await takeScreenshot(page, `${journey.alert}-2-logs`);

  await follow(page, stack, journey, 'runbook');
  const runbook = page.getByTestId('dfr-runbook');
  for (const part of ['Meaning', 'Impact', 'Diagnosis', 'Mitigation']) {
    await expect(runbook.getByRole('heading', { name: part })).toBeVisible();
  }
}

async function follow(page: Page, stack: StackFile, journey: Journey, link: string): Promise<void> {
  await page.goto(`${stack.addresses.host}/a/dfr-ops-app/alerts`);
  const row = page.locator(`[data-testid="dfr-alert-row"][data-alertname="${journey.alert}"]`).first();
  await row.getByTestId(`dfr-link-${link}`).click();
}

/** From the alert to its action: preview, reason, run (with a double click), verdict. Answers the run's id. */
export async function mendIt(
  page: Page,
  stack: StackFile,
  journey: Journey,
  final: Run['state'] = 'succeeded'
): Promise<string> {
  await follow(page, stack, journey, 'actions');
  await page.getByTestId(`dfr-action-${journey.action}`).first().click();
  await page
    .getByRole('button', { name: /preview/i })
    .first()
    .click();
  await expect(page.getByTestId('dfr-preview-summary')).toHaveText(journey.summary);
  await expect(page.getByTestId('dfr-preview-statement')).toHaveText(journey.statement);
  await takeScreenshot(page, `${journey.alert}-3-preview`);
  await page.getByTestId('dfr-reason').fill(`Mend ${journey.alert} from the panel`);
  if (journey.typedTarget) {
    await page.getByTestId('dfr-typed-target').fill(journey.typedTarget);
  }
  await page.getByTestId('dfr-run').dblclick();
  const state = page.getByTestId('dfr-run-state').first();
  await expect(state).toBeVisible();
  await expect(state).toHaveAttribute('data-state', final, { timeout: 90_000 });
  await takeScreenshot(page, `${journey.alert}-4-${final}`);
  const id = new URL(page.url()).searchParams.get('run');
  expect(id, 'the run stands in the URL, so that a reload keeps it').toBeTruthy();
  return id ?? '';
}

/** The alert leaves the list, the notices of its recovery arrive, and the incident tells every moment. */
export async function seeItMended(
  page: Page,
  stack: StackFile,
  journey: Journey,
  fingerprint: string,
  since: Date
): Promise<IncidentDetail> {
  await page.goto(`${stack.addresses.host}/a/dfr-ops-app/alerts`);
  await expect(page.locator(`[data-testid="dfr-alert-row"][data-alertname="${journey.alert}"]`)).toHaveCount(0, {
    timeout: 60_000,
  });
  const records = new Records(stack);
  const incident = await until('the incident to hold every moment', 30, async () => {
    const newest = await newestIncident(stack, fingerprint);
    return newest && momentsOfALoop.every((kind) => newest.timeline.some((event) => event.kind === kind))
      ? newest
      : null;
  });
  const resolved = new RegExp(`resolved.*${journey.alert}`, 'i');
  await until('the mail that says it is resolved', 40, async () =>
    (await records.mails(since, resolved)).find((mail) => mail.text.includes(incident.id))
  );
  await until('the SMS that says it is resolved', 40, async () =>
    (await records.texts(since, resolved)).find((sms) => sms.text.includes(incident.id))
  );
  await page.goto(`${stack.addresses.host}/a/dfr-ops-app/incident?id=${incident.id}`);
  for (const kind of momentsOfALoop) {
    await expect(page.locator(`[data-testid="dfr-timeline-event"][data-kind="${kind}"]`).first()).toBeVisible();
  }
  await expect(page.getByTestId('dfr-incident-state')).toHaveAttribute('data-state', 'resolved');
  await takeScreenshot(page, `${journey.alert}-5-incident`);
  return incident;
}

export const momentsOfALoop = [
  'pending',
  'firing',
  'email_flushed',
  'sms_accepted',
  'sms_delivered',
  'action_started',
  'action_finished',
  'normal',
  'resolved',
  'resolved_email_accepted',
  'resolved_sms_accepted',
] as const;

export async function newestIncident(stack: StackFile, fingerprint: string): Promise<IncidentDetail | null> {
  const api = await apiAs(stack, 'viewer');
  try {
    const list = await (await api.get(`read/incidents?state=all&limit=1&fingerprint=${fingerprint}`)).json();
    if (list.incidents.length === 0) {
      return null;
    }
    return await (await api.get(`read/incidents/${list.incidents[0].id}`)).json();
  } finally {
    await api.dispose();
  }
}
