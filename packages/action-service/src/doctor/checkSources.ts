import type { DoctorCheck, SourceHealth } from '@dfr-ops/contracts';
import { failed, ok, warning } from './findings.ts';

const remedies: Partial<Record<SourceHealth['kind'], string>> = {
  alertmanager: 'See whether it runs, and ALERTMANAGER_URLS and its password file.',
  prometheus: 'See whether it runs, and PROMETHEUS_URL and its password file.',
  store: "See whether the service's own PostgreSQL runs, and DATABASE_URL. Incidents wait; SMS go out.",
  policy: 'Correct the policy file as it says; the service reads it by itself. Until then all actions are frozen.',
  postgresql: "See whether DFR's PostgreSQL runs, and DFR_POSTGRES_URL.",
  docker: 'See whether the Docker proxy runs, and that the service may open DOCKER_SOCKET.',
  agent: 'See whether the agent runs beside Nginx, and NGINX_AGENT_SOCKET.',
  odoo: 'See whether Odoo runs, and ODOO_URL.',
  sms: 'Set SMS_PROVIDER_URL and its token file, or ask the provider.',
  smtp: 'Set SMTP_URL and MAIL_FROM, or ask who runs the mail server.',
};

/** What the service knows of everything that it leans on. */
export function checkSources(sources: readonly SourceHealth[]): DoctorCheck[] {
  return sources.map(({ name, kind, ok: well, error, checkedAt }) => {
    const title = `Service's ${kind === 'policy' ? 'policy file' : `view of ${name}`}`;
    if (well) {
      return ok(title, kind === 'policy' ? 'It is valid.' : checkedAt ? 'It answers.' : 'Configured; not used yet.');
    }
    const remedy = remedies[kind] ?? 'See the log of the action service.';
    const notYet = checkedAt === null;
    return notYet ? warning(title, error ?? 'Not asked yet.', remedy) : failed(title, error ?? 'Not well.', remedy);
  });
}

export function checkFrozen(frozen: string | null): DoctorCheck {
  return frozen === null
    ? ok('Actions', 'Not frozen.')
    : warning(
        'Actions',
        `Frozen: ${frozen}`,
        'Set `freeze: null` in the policy file when they may run again; the switch is lifted by POST /api/v1/thaw or ends by itself.'
      );
}

/** Alertmanager's Watchdog, as it beats to the service. */
export function checkWatchdog(heardAt: Date | null, now: Date, silentAfterSeconds: number): DoctorCheck {
  const name = 'Watchdog at the service';
  const remedy = 'See that Watchdog fires in Prometheus and reaches Alertmanager, and the webhook token on both sides.';
  if (heardAt === null) {
    return failed(name, 'It was never heard: no alert has ever reached the service.', remedy);
  }
  const seconds = Math.round((now.getTime() - heardAt.getTime()) / 1000);
  return seconds > silentAfterSeconds
    ? failed(name, `Silent for ${seconds} s: alerts do not reach the service.`, remedy)
    : ok(name, `Heard ${seconds} s ago.`);
}
