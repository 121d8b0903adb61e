import type { ServiceDoctor, SourceHealth } from '@dfr-ops/contracts';
import type { Connectors } from '../actions/action.ts';
import type { Base } from '../deps.ts';
import type { IncidentHalf } from '../incidents/incidentHalf.ts';
import type { PolicySource } from '../policy/policySource.ts';
import type { ActionHalf } from '../runs/actionHalf.ts';
import { version } from '../version.ts';
import { checkAgent } from './checkAgent.ts';
import { checkAudit } from './checkAudit.ts';
import { checkConsole } from './checkConsole.ts';
import { checkIdentityKeys } from './checkIdentityKeys.ts';
import { checkOdoo } from './checkOdoo.ts';
import { checkPostgres } from './checkPostgres.ts';
import { checkFrozen, checkSources, checkWatchdog } from './checkSources.ts';
import { failed } from './findings.ts';

export interface ServiceDoctorSource {
  /** Never throws. Asked again within five seconds, it answers what it found then. */
  look(): Promise<ServiceDoctor>;
}

interface Parts extends Pick<Base, 'config' | 'now' | 'store'> {
  connectors: Connectors;
  policy: PolicySource;
  actions: Pick<ActionHalf, 'sources'>;
  incidents: Pick<IncidentHalf, 'sources' | 'watchdogAt'>;
  storeHealth: () => SourceHealth;
}

type Found = Pick<ServiceDoctor, 'postgresSkewSeconds' | 'checks'>;
const keepMs = 5000;
const deadlineMs = 4000;

/** Looks at what only the service can: its connections, its rights, its policy. Asking often asks the targets no oftener. */
export function createServiceDoctor(parts: Parts): ServiceDoctorSource {
  let last: { at: number; found: Promise<Found> } | null = null;
  return {
    async look() {
      const at = parts.now().getTime();
      if (!last || at - last.at > keepMs) {
        last = { at, found: examine(parts) };
      }
      const found = await last.found;
      return { at: parts.now().toISOString(), version, ...found };
    },
  };
}

async function examine({
  config,
  now,
  store,
  connectors,
  policy,
  actions,
  incidents,
  storeHealth,
}: Parts): Promise<Found> {
  const late = (name: string) =>
    failed(name, `No answer within ${deadlineMs / 1000} s.`, 'See whether it is overloaded.');
  const [postgres, ...checks] = await Promise.all([
    within(checkPostgres(connectors.postgres, now), { skewSeconds: null, checks: [late('Rights in PostgreSQL')] }),
    within(checkOdoo(connectors.odoo, config.odoo?.login ?? null), late('Rights in Odoo')),
    within(checkAgent(connectors.nginxAgent), late('Agent beside Nginx')),
    within(checkIdentityKeys(config.grafana.keysUrl), late('Identity keys')),
    within(checkConsole(config.breakGlass), late('Break-glass console')),
    within(checkAudit(store, config.lokiUrl !== null), late('Audit trail')),
  ]);
  const sources = [storeHealth(), policy.health(), ...actions.sources(), ...incidents.sources()];
  return {
    postgresSkewSeconds: postgres.skewSeconds,
    checks: [
      ...checkSources(sources),
      checkFrozen(policy.frozen()),
      checkWatchdog(incidents.watchdogAt(), now(), config.watchdogSeconds),
      ...postgres.checks,
      ...checks,
    ],
  };
}

function within<T>(work: Promise<T>, otherwise: T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<T>((resolve) => (timer = setTimeout(() => resolve(otherwise), deadlineMs)));
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
