import type { EventEmitter } from 'node:events';
import type {
  ActionsAnswer,
  Person,
  Preview,
  PreviewRequest,
  RollbackOffer,
  Run,
  RunRequest,
  SourceHealth,
} from '@dfr-ops/contracts';
import type { Action, ActionContext, Connectors } from '../actions/action.ts';
import type { Base, IncidentSide } from '../deps.ts';
import type { PolicySource } from '../policy/policySource.ts';
import { acceptRun } from './acceptRun.ts';
import { contextOf, type ActionDesk } from './actionDesk.ts';
import { auditRefusal } from './auditRefusal.ts';
import { decideRun, type Decision } from './decideRun.ts';
import { freezeNews, type FreezeSwitch } from './freezeSwitch.ts';
import { makePreview, previewedAction } from './makePreview.ts';
import { offerRollback } from './rollBack.ts';
import { offerActions } from './offerActions.ts';
import { performRun } from './performRun.ts';
import { recoverRuns } from './recoverRuns.ts';
import type { RunEngine } from './runEngine.ts';
import type { RunRow } from './runRow.ts';
import { runMetrics } from './runMetrics.ts';
import { createRunQueue } from './runQueue.ts';
import { RunLost } from './runWriter.ts';
import { createTellOthers } from './tellOthers.ts';
import { watchRelapse } from './watchRelapse.ts';
import { watchTargets } from './watchTargets.ts';
import { watchWorkers } from './watchWorkers.ts';
import { openWorkerSession } from './workerSession.ts';

/** The action half of the service: catalogue, previews, runs. */
export interface ActionHalf {
  offer(person: Person, fingerprint: string | null): Promise<ActionsAnswer>;
  preview(person: Person, actionId: string, request: PreviewRequest): Promise<Preview>;
  accept(person: Person, request: RunRequest): Promise<Run>;
  decide(person: Person, runId: string, decision: Decision): Promise<Run>;
  /** What takes a run back, filled in from what was done. */
  offerRollback(runId: string): Promise<RollbackOffer>;
  freezes: FreezeSwitch;
  /** Emits `run` with a run's id whenever an event of it was written. */
  feed: EventEmitter<{ run: [string] }>;
  sources(): SourceHealth[];
  /** Begins to look at the targets; needs no store. */
  watch(): void;
  /** Begins to work; needs the migrated store. Takes up what a dead process has left. May be called again when it failed. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface ActionParts extends Base {
  connectors: Connectors;
  catalogue: readonly Action[];
  policy: PolicySource;
  incidents: IncidentSide;
  freezes: FreezeSwitch;
}

const recoverEveryMs = 3000;
const stopGraceMs = 3000;

export function createActionHalf(parts: ActionParts): ActionHalf {
  const { config, log, store, now, policy, incidents, freezes } = parts;
  const queue = createRunQueue(config.databaseUrl, log);
  const session = openWorkerSession(config.databaseUrl, log);
  const active = new Set<string>();
  /** Clicks that are being answered: the same one a thousand times at once takes one transaction. */
  const clicks = new Map<string, Promise<Run>>();
  const desk: ActionDesk = {
    store,
    now,
    policy,
    catalogue: parts.catalogue,
    connectors: parts.connectors,
    names: {
      postgres: config.postgresName,
      odoo: config.odooContainer,
      nginx: config.nginxName,
      backup: config.backupName,
      alertmanager: 'alertmanager',
    },
    queue,
    freezes,
    tellOthers: createTellOthers(config),
    findIncidentByFingerprint: (fingerprint) => incidents.findIncidentByFingerprint(fingerprint),
  };
  const perform = async (runId: string) => {
    if (active.has(runId)) {
      return;
    }
    active.add(runId);
    try {
      await performRun(engine, runId);
    } catch (error) {
      const lost = error instanceof RunLost;
      log[lost ? 'warn' : 'error']({ err: error, runId }, 'a run was dropped; it will be taken up as interrupted');
    } finally {
      active.delete(runId);
    }
  };
  const engine: RunEngine = {
    store,
    log,
    now,
    policy,
    freezes,
    feed: session.feed,
    worker: session.number,
    active,
    sight: incidents.sight,
    recordMoment: incidents.recordMoment,
    verifyTimeoutMs: config.verifyTimeoutSeconds * 1000,
    lookEveryMs: Math.min(2000, config.reconcileSeconds * 500),
    actionOf: (id) => parts.catalogue.find((action) => action.id === id),
    contextOf: (action, row) => engineContext(desk, action, row),
    perform,
    ended: runMetrics(parts.metrics, () => active.size),
  };
  const targets = watchTargets(parts.connectors, desk.names, now);
  const odoo = { container: config.odooContainer, cronWorkers: config.odooCronWorkers };
  const workers = watchWorkers(parts.connectors.docker, odoo, parts);
  let sessionOpen = false;
  let recovering: NodeJS.Timeout | undefined;
  let recovery: Promise<void> | null = null;
  // One at a time: a second look while the first still takes a run up would take it up again.
  const recover = () =>
    (recovery ??= recoverRuns(engine)
      .then(() => watchRelapse(engine))
      .catch((error: Error) => log.warn({ err: error }, 'interrupted runs and relapses could not be looked for'))
      .finally(() => (recovery = null)));
  const readFreeze = () =>
    freezes
      .read(store)
      .catch((error: Error) => log.warn({ err: error }, 'whether actions are frozen could not be read'));
  session.feed.on('run', (news) => void (news === freezeNews ? readFreeze() : undefined));
  return {
    offer: (person, fingerprint) => offerActions(desk, person, fingerprint),
    preview: (person, id, request) =>
      auditRefusal(store, log, { person, kind: 'preview.refused', subject: () => id }, () =>
        makePreview(desk, person, id, request)
      ),
    accept(person, request) {
      const click = JSON.stringify([person, request]);
      const asked = { person, kind: 'run.refused', subject: () => previewedAction(store, request.token) };
      const answer =
        clicks.get(click) ??
        auditRefusal(store, log, asked, () => acceptRun(desk, person, request)).finally(() => clicks.delete(click));
      clicks.set(click, answer);
      return answer;
    },
    decide: (person, id, decision) =>
      auditRefusal(store, log, { person, kind: `run.${decision}_refused`, subject: () => id }, () =>
        decideRun(desk, person, id, decision)
      ),
    offerRollback: (runId) => offerRollback(desk, runId),
    freezes,
    feed: session.feed,
    sources: targets.sources,
    watch() {
      targets.start();
      workers.start();
    },
    async start() {
      if (!sessionOpen) {
        await session.start();
        sessionOpen = true;
      }
      await readFreeze();
      await recover();
      await queue.start(perform);
      recovering = setInterval(() => {
        void recover();
        // Should an announcement be missed.
        void readFreeze();
      }, recoverEveryMs);
    },
    async stop() {
      clearInterval(recovering);
      targets.stop();
      workers.stop();
      await queue
        .stop(stopGraceMs)
        .catch((error: Error) => log.warn({ err: error }, 'the queue did not stop in order'));
      await session.stop();
    },
  };
}

/** What has begun is brought to its end with the action's own bounds, even when the policy file breaks meanwhile. */
function engineContext(desk: ActionDesk, action: Action, row: RunRow): ActionContext {
  const alert = row.alert_name === null ? null : { name: row.alert_name, labels: row.alert_labels ?? {} };
  const asked = { person: row.requested_by, alert };
  if (desk.policy.health().ok) {
    return contextOf(desk, action, asked);
  }
  const { connectors, names, now } = desk;
  return { connectors, names, bounds: action.bounds.parse({}), now, ...asked };
}
