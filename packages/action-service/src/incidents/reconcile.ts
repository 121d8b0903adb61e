import type { Labels } from '@dfr-ops/contracts';
import type { Logger } from 'pino';
import { observe, type Observation, type PrometheusSight } from '../alerts/observe.ts';
import type { Alertmanager } from '../connectors/alertmanager.ts';
import type { Prometheus } from '../connectors/prometheus.ts';
import { applyJudgement, type Judging } from './applyJudgement.ts';
import { endAcknowledgements } from './endAcknowledgements.ts';
import { escalate, type Contacts } from './escalate.ts';
import { gatherEvidence } from './gatherEvidence.ts';
import { isNotMigrated } from '../store/pool.ts';
import type { IncidentRow } from './incidentRow.ts';
import { keepMissed } from './missedBreaches.ts';
import { openBreaches } from './openBreaches.ts';
import { openIncidents } from './readIncidents.ts';
import { keepTargets, setTargets } from './responseTargets.ts';
import { forgetDropped } from './transitions.ts';
import { rememberSeen } from './rememberSeen.ts';

export type Reconciler = {
  /** A whole round that begins after this call; calls at the same time share one. */
  reconcileNow: () => Promise<void>;
  /** What was observed last; null before the first round. */
  observation: () => Observation | null;
  /** What Prometheus said when it last answered. */
  lastSight: () => PrometheusSight;
  /** Annotations of an alert seen since the start. */
  annotationsOf: (fingerprint: string) => Labels | null;
  start: () => void;
  stop: () => Promise<void>;
};

/** Any constant: of several replicas one writes at a time. */
const LEADER = [7262026, 1];
const REMEMBERED = 5000;
const HOUR_MS = 3_600_000;
const TARGETS_MS = 30_000;
/** After so long without a look the history is asked what came and went. */
const MISSED_MS = 15_000;

/** Asks all sources every few seconds and takes the incidents along. The webhook only makes it look sooner. */
export function createReconciler(
  judging: Judging,
  contacts: Contacts,
  alertmanagers: Alertmanager[],
  ruler: Pick<Prometheus, 'rules'> | null,
  everySeconds: number,
  log: Logger,
  afterRound: () => void
): Reconciler {
  let observation: Observation | null = null;
  let lastSight: PrometheusSight = { ok: false, error: 'Prometheus has not answered yet' };
  const annotations = new Map<string, Labels>();
  const newestSamples = new Map<string, number>();
  const stopping = new AbortController();
  let current: Promise<void> | null = null;
  let next: Promise<void> | null = null;
  let timer: NodeJS.Timeout | undefined;

  let forgotAt = 0;
  let targetsAt = 0;

  const round = async () => {
    observation = await observe(judging.prometheus, alertmanagers, ruler, stopping.signal);
    if (stopping.signal.aborted) {
      return;
    }
    if (observation.prometheus.ok) {
      lastSight = observation.prometheus;
      for (const [fingerprint, alert] of observation.prometheus.active) {
        remember(annotations, fingerprint, alert.annotations);
      }
    }
    try {
      await asLeader(judging, async () => {
        await applyAll(judging, observation!, newestSamples, log);
        if (Date.now() - targetsAt > TARGETS_MS) {
          await keepTargets(judging.store, judging.prometheus).then(
            () => (targetsAt = Date.now()),
            (error) => log.debug({ err: error }, 'the targets of response cannot be asked now')
          );
        }
        await followUp(judging, observation!, contacts, Math.max(MISSED_MS, everySeconds * 3000), log);
      });
      if (Date.now() - forgotAt > HOUR_MS) {
        forgotAt = Date.now();
        await forgetDropped(judging.store);
      }
    } catch (error) {
      const level = isNotMigrated(error) ? 'debug' : 'warn';
      log[level]({ err: error }, 'incidents cannot be kept now: the store does not answer');
    }
    afterRound();
  };
  const reconcileNow = (): Promise<void> => {
    if (!current) {
      current = round().finally(() => (current = null));
      return current;
    }
    next ??= current.then(() => {
      next = null;
      return reconcileNow();
    });
    return next;
  };
  const loop = async () => {
    await reconcileNow();
    if (!stopping.signal.aborted) {
      timer = setTimeout(() => void loop(), everySeconds * 1000);
    }
  };
  return {
    reconcileNow,
    observation: () => observation,
    lastSight: () => lastSight,
    annotationsOf: (fingerprint) => annotations.get(fingerprint) ?? null,
    start: () => void loop(),
    async stop() {
      stopping.abort();
      clearTimeout(timer);
      await next;
      await current;
    },
  };
}

async function applyAll(
  judging: Judging,
  observation: Observation,
  newest: Map<string, number>,
  log: Logger
): Promise<void> {
  const before = await openIncidents(judging.store);
  const open = [...before, ...(await openBreaches(judging.store, observation, before))];
  const evidence = await gatherEvidence(judging.prometheus, observation, open, newest);
  for (const row of open) {
    await applyJudgement(judging, row, evidence.get(row.id)!).catch((error) =>
      log.error({ err: error, incident: row.id }, 'an incident could not be taken further')
    );
  }
  await rememberSeen(judging.store, observation, open);
}

/** What time brings along: targets that pass, acknowledgements that end, and what was missed while nobody looked. */
async function followUp(
  { store, prometheus }: Judging,
  observation: Observation,
  contacts: Contacts,
  lateMs: number,
  log: Logger
): Promise<void> {
  const steps: Array<[what: string, work: () => Promise<void>]> = [
    ['what fired and ended while nobody looked', () => keepMissed(store, prometheus, observation, lateMs)],
    ['targets of response', () => setTargets(store)],
    ['acknowledgements that are over', () => endAcknowledgements(store, contacts.publicUrl)],
    ['next contacts', () => escalate(store, observation, contacts)],
  ];
  for (const [what, work] of steps) {
    await work().catch((error) => log.error({ err: error }, `${what}: not kept this time`));
  }
}

/** Runs `work` where no other replica does; leaves it out where one does. */
async function asLeader({ store }: Judging, work: () => Promise<void>): Promise<void> {
  const client = await store.connect();
  let broken: Error | undefined;
  try {
    const { rows } = await client.query('SELECT pg_try_advisory_lock($1, $2) AS leader', LEADER);
    if (rows[0].leader) {
      await work().finally(() => client.query('SELECT pg_advisory_unlock($1, $2)', LEADER));
    }
  } catch (error) {
    broken = error as Error;
    throw error;
  } finally {
    client.release(broken);
  }
}

function remember(annotations: Map<string, Labels>, fingerprint: string, of: Labels): void {
  annotations.delete(fingerprint);
  annotations.set(fingerprint, of);
  if (annotations.size > REMEMBERED) {
    annotations.delete(annotations.keys().next().value!);
  }
}
