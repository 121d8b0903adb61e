import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Action, Connectors } from './actions/action.ts';
import { catalogue as everyAction } from './actions/catalogue.ts';
import { startAuditWork } from './audit/auditWork.ts';
import type { Config } from './config.ts';
import type { Base, Deps } from './deps.ts';
import { createServiceDoctor } from './doctor/serviceDoctor.ts';
import { createIdentityVerifier } from './identity/verifyIdentity.ts';
import { createIncidentHalf } from './incidents/incidentHalf.ts';
import { openPolicy } from './policy/policySource.ts';
import { createActionHalf } from './runs/actionHalf.ts';
import { createFreezeSwitch, withFreezeSwitch } from './runs/freezeSwitch.ts';
import { keepStore } from './store/keepStore.ts';
import { migrateStore } from './store/migrateStore.ts';
import { createPool } from './store/pool.ts';
import { storeMetrics } from './store/storeMetrics.ts';

/** A store that answers is migrated well within this; one that does not holds nothing up for longer. */
const storeFirstMs = 3000;

export interface Service {
  deps: Deps;
  stop(): Promise<void>;
}

/**
 * Starts everything behind HTTP and waits for nothing. What must be told to people is looked at once the store is migrated,
 * and after three seconds without it.
 */
export async function startService(
  config: Config,
  connectors: Connectors,
  log: Logger,
  catalogue: readonly Action[] = everyAction
): Promise<Service> {
  const metrics = new Registry();
  collectDefaultMetrics({ register: metrics });
  const base: Base = { config, log, store: createPool(config.databaseUrl, log), metrics, now: () => new Date() };
  const freezes = createFreezeSwitch(base.store, base.now);
  const policy = withFreezeSwitch(openPolicy(config.policyFile, catalogue, base.now), freezes);
  const incidents = createIncidentHalf(base);
  const actions = createActionHalf({ ...base, connectors, catalogue, policy, freezes, incidents });
  const store = keepStore(
    base.store,
    log,
    () => migrateStore(base.store, config.databaseMigrateUrl, log),
    () => actions.start()
  );
  storeMetrics(metrics, base.store, store.health);
  let audit: ReturnType<typeof startAuditWork> | undefined;
  let stopped = false;
  void store.migrated.then(() => {
    audit = stopped ? undefined : startAuditWork(base);
  });
  actions.watch();
  void Promise.race([store.migrated, sleep(storeFirstMs, undefined, { ref: false })]).then(() =>
    stopped ? undefined : incidents.start()
  );
  const deps: Deps = {
    ...base,
    identity: createIdentityVerifier(config.issuers),
    policy,
    actions,
    incidents,
    doctor: createServiceDoctor({ ...base, connectors, policy, incidents, actions, storeHealth: store.health }),
    storeHealth: store.health,
  };
  return {
    deps,
    async stop() {
      stopped = true;
      store.stop();
      await Promise.allSettled([incidents.stop(), actions.stop()]);
      await Promise.allSettled(
        [connectors.postgres, connectors.docker, connectors.nginxAgent, connectors.backup].map((one) => one?.close())
      );
      await audit?.stop();
      await base.store.end().catch(() => {});
    },
  };
}
