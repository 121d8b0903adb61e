import type { Pool } from 'pg';
import { askFiringSpan } from '../alerts/signal.ts';
import type { Prometheus } from '../connectors/prometheus.ts';
import { bookEmergency } from '../notices/bookEmergency.ts';
import type { EmergencySms } from '../notices/emergencySms.ts';
import { queueResolvedNotices, type Recipients } from '../notices/queueNotices.ts';
import { inTransaction } from '../store/pool.ts';
import type { IncidentRow } from './incidentRow.ts';
import { judgeSight, type Evidence } from './judgeSight.ts';
import { adopt, becomeNormal, drop, fire, loseSight, regainSight, relapse, resolve } from './transitions.ts';

export type Judging = {
  store: Pool;
  prometheus: Prometheus;
  recipients: Recipients;
  emergency: EmergencySms;
  /** How long (ms) nothing may be known before sight counts as lost: one missed answer is none. */
  graceMs: number;
  /** Since when (ms) an incident is unseen, by id. */
  unseenSince: Map<string, number>;
  /** Ends that Alertmanager's webhook told, by fingerprint (ms). */
  reportedEnds: Map<string, number>;
};

/** Takes one open incident as far as the evidence carries. */
export async function applyJudgement(judging: Judging, row: IncidentRow, evidence: Evidence): Promise<void> {
  if (await dippedUnseen(judging, row, evidence)) {
    return;
  }
  const judgement = judgeSight(
    { origin: row.origin, lastSeenAt: row.last_seen_at.getTime(), expectedEnd: row.expected_end?.getTime() ?? null },
    evidence
  );
  if (judgement.verdict !== 'unseen') {
    judging.unseenSince.delete(row.id);
  }
  if (row.normal_at) {
    const again = judgement.verdict === 'active' && evidence.prometheus.ok && evidence.prometheus.active !== null;
    if (again && neverLetGo(evidence, row.normal_at)) {
      await inTransaction(judging.store, (client) => relapse(client, row, new Date(evidence.at)));
      return;
    }
    await close(judging, row, evidence);
    return;
  }
  switch (judgement.verdict) {
    case 'active':
      return continueActive(judging, row, evidence);
    case 'normal':
      return recover(judging, row, evidence, judgement.proof);
    case 'unseen':
      return wentOutOfSight(judging, row, evidence, judgement.why);
    case 'undecided':
      return;
  }
}

async function continueActive({ store, prometheus }: Judging, row: IncidentRow, evidence: Evidence): Promise<void> {
  const active = evidence.prometheus.ok ? evidence.prometheus.active : null;
  const received = evidence.alertmanager.alert;
  if (row.state === 'sight_lost') {
    await inTransaction(store, (client) => regainSight(client, row, new Date(evidence.at)));
  }
  if (row.origin === 'alertmanager' && active) {
    await inTransaction(store, (client) =>
      adopt(client, row, new Date(active.activeAt), active.value, active.annotations)
    );
  }
  if (row.firing_at || !(received || active?.state === 'firing')) {
    return;
  }
  const openedAt = row.opened_at.getTime();
  if (received && received.startsAt >= openedAt - 1000) {
    await inTransaction(store, (client) =>
      fire(client, row, new Date(received.startsAt), 'alertmanager', active?.value ?? null)
    );
  } else if (active?.state === 'firing') {
    const span = await askFiringSpan(prometheus, active.labels, openedAt, evidence.at).catch(() => null);
    await inTransaction(store, (client) =>
      fire(client, row, new Date(span?.first ?? evidence.at), 'prometheus', active.value)
    );
  }
}

async function recover(judging: Judging, row: IncidentRow, evidence: Evidence, proof: string): Promise<void> {
  if (!row.firing_at) {
    await drop(judging.store, row, new Date(evidence.at));
    return;
  }
  const { at, source } = await normalSince(judging, row, evidence);
  const wasLost = row.state === 'sight_lost';
  const normal = await inTransaction(judging.store, async (client) => {
    if (wasLost) {
      await regainSight(client, row, at);
    }
    await becomeNormal(client, row, at, source, proof);
    return { ...row, normal_at: at };
  });
  await close(judging, normal, evidence);
}

/**
 * When it became normal. Alertmanager's end of the alert where its webhook told it; else the evaluation after the last one
 * that Prometheus recorded as firing; after lost sight only the evaluation that we saw is sure.
 */
async function normalSince(
  judging: Judging,
  row: IncidentRow,
  evidence: Evidence,
  before = Infinity
): Promise<{ at: Date; source: 'alertmanager' | 'prometheus' }> {
  const rule = evidence.prometheus.ok ? evidence.prometheus.rule : null;
  const latest = rule?.lastEvaluation ?? evidence.at;
  const earliest = row.last_seen_at.getTime();
  const told = judging.reportedEnds.get(row.fingerprint);
  if (told !== undefined && told > earliest - 1000 && told <= evidence.at) {
    return { at: new Date(told), source: 'alertmanager' };
  }
  if (row.state === 'sight_lost' || !rule) {
    return { at: new Date(latest), source: rule ? 'prometheus' : 'alertmanager' };
  }
  const span = await askFiringSpan(judging.prometheus, row.labels, row.opened_at.getTime(), evidence.at, before).catch(
    () => null
  );
  const next = span ? span.last + rule.intervalSeconds * 1000 : latest;
  return { at: new Date(Math.min(latest, Math.max(earliest, next))), source: 'prometheus' };
}

/** Closes a recovered incident once no Alertmanager has it any more, and writes down whom to tell in the same transaction. */
async function close(
  { store, recipients, emergency, reportedEnds, unseenSince }: Judging,
  row: IncidentRow,
  evidence: Evidence
): Promise<void> {
  const { reachable } = evidence.alertmanager;
  const waitedLong = evidence.at - row.normal_at!.getTime() > SILENT_ALERTMANAGER_MS;
  if (neverLetGo(evidence, row.normal_at!) || (!reachable && !waitedLong)) {
    return;
  }
  await inTransaction(store, async (client) => {
    const closed = await resolve(client, row, new Date(evidence.at));
    if (closed) {
      await bookEmergency(client, emergency, closed);
      await queueResolvedNotices(client, closed, recipients);
    }
  });
  reportedEnds.delete(row.fingerprint);
  unseenSince.delete(row.id);
}

/**
 * Whether Alertmanager still has the very instance that became normal at `normalAt`: the twin of the rule in Loki's ruler, or
 * another Prometheus, holds it. One that began later is another instance, and an incident of its own.
 */
function neverLetGo({ alertmanager }: Evidence, normalAt: Date): boolean {
  return alertmanager.alert !== null && alertmanager.alert.startsAt <= normalAt.getTime();
}

/** People wait for the word: when no Alertmanager answers, Prometheus's word is enough after this. */
const SILENT_ALERTMANAGER_MS = 30_000;

async function wentOutOfSight(
  { store, graceMs, unseenSince }: Judging,
  row: IncidentRow,
  evidence: Evidence,
  why: string
): Promise<void> {
  const ruleAnswers = evidence.prometheus.ok && evidence.prometheus.rule && !evidence.prometheus.rule.stale;
  if (!row.firing_at && ruleAnswers && evidence.prometheus.ok && !evidence.prometheus.active) {
    await drop(store, row, new Date(evidence.at));
    return;
  }
  const since = unseenSince.get(row.id) ?? evidence.at;
  unseenSince.set(row.id, since);
  if (row.state !== 'sight_lost' && evidence.at - since >= graceMs) {
    await inTransaction(store, (client) => loseSight(client, row, new Date(since), why));
  }
}

/**
 * Whether the alert ended and began anew between two looks: it is active since after we saw it last. A restarted Prometheus
 * also forgets since when, and proves nothing; nor does a time during which nothing was seen.
 */
async function dippedUnseen(judging: Judging, row: IncidentRow, evidence: Evidence): Promise<boolean> {
  const active = evidence.prometheus.ok ? evidence.prometheus.active : null;
  const lastSeen = row.last_seen_at.getTime();
  if (
    !active ||
    active.activeAt <= Math.max(lastSeen, row.opened_at.getTime() + 1000) ||
    row.state === 'sight_lost' ||
    row.normal_at
  ) {
    return false;
  }
  const startedAt = await judging.prometheus.startedAt().catch(() => Infinity);
  if (startedAt > lastSeen) {
    return false;
  }
  if (!row.firing_at) {
    await drop(judging.store, row, new Date(evidence.at));
    return true;
  }
  const { at, source } = await normalSince(judging, row, evidence, active.activeAt);
  if (neverLetGo(evidence, at)) {
    return false;
  }
  await inTransaction(judging.store, (client) =>
    becomeNormal(client, row, at, source, 'the rule no longer held for a moment, then held anew')
  );
  await close(judging, { ...row, normal_at: at }, evidence);
  return true;
}
