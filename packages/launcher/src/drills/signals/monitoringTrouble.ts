import { basicAuthHeader } from '../../httpProbe.ts';
import { readSecret } from '../../stackFile.ts';
import type { Cause } from './cause.ts';
import type { Reach } from './reach.ts';

async function ask(url: string, init: RequestInit): Promise<Response> {
  const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(5000) });
  if (!answer.ok) {
    throw new Error(`${url} answered ${answer.status}: ${(await answer.text()).slice(0, 200)}`);
  }
  return answer;
}

const json = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

/** Mail and SMS are refused while alerts fire: notices that fail. */
export const refusedNotices: Cause = {
  name: 'notices that nobody takes',
  async begin({ stack }, undo) {
    for (const sink of [stack.addresses.mailSink, stack.addresses.smsSink]) {
      undo.push(() => ask(`${sink}/refusal`, { method: 'PUT', ...json({ seconds: 0 }) }));
      await ask(`${sink}/refusal`, { method: 'PUT', ...json({ seconds: 60 }) });
    }
  },
  seen: ['sum(increase(alertmanager_notifications_failed_total{integration="email"}[30s]))'],
};

/** A silence of an alert that does not exist. */
export const silence: Cause = {
  name: 'a silence',
  async begin({ stack }, undo) {
    const { user, passwordFile } = stack.credentials.alertmanager;
    const authorization = basicAuthHeader({ user, password: readSecret(passwordFile) });
    const now = Date.now();
    const answer = await ask(`${stack.addresses.alertmanager}/api/v2/silences`, {
      method: 'POST',
      ...json(
        {
          matchers: [{ name: 'alertname', value: 'NoSuchAlert', isRegex: false, isEqual: true }],
          startsAt: new Date(now).toISOString(),
          endsAt: new Date(now + 120_000).toISOString(),
          createdBy: 'drill',
          comment: 'Drill: a silence that is made and taken back.',
        },
        { authorization }
      ),
    });
    const { silenceID } = (await answer.json()) as { silenceID: string };
    undo.push(() =>
      ask(`${stack.addresses.alertmanager}/api/v2/silence/${silenceID}`, {
        method: 'DELETE',
        headers: { authorization },
      })
    );
  },
  seen: ['alertmanager_silences{state="active"}'],
};

/** A part that does not answer for a while, though it is there. */
const frozen = (part: string, seen: string[]): Cause => ({
  name: `${part} stands still`,
  begin: async (reach: Reach, undo) => reach.freeze(part, undo),
  seen,
});

export const frozenHostExporter = frozen('node-exporter', ['1 - up{job="dfr_host_nodes"}']);
/** Long enough that Prometheus gives up sending to it. */
export const frozenAlertmanager = frozen('alertmanager', [
  '1 - up{job="alertmanager"}',
  'sum(increase(prometheus_notifications_errors_total[1m]))',
]);
export const frozenService = frozen('action-service', ['1 - up{job="dfr_ops"}']);
