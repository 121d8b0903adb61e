import type { Approval, Hold, Target } from '@dfr-ops/contracts';
import type { Action } from '../actions/action.ts';
import { clockTime } from '../clockTime.ts';
import type { ActionSettings } from '../policy/readPolicy.ts';
import type { Queryable } from '../store/pool.ts';
import { describeHolder, holderAmong } from './locks.ts';
import type { RunRow } from './runRow.ts';

type Recent = Pick<
  RunRow,
  | 'id'
  | 'action_id'
  | 'target_kind'
  | 'target_name'
  | 'requested_by'
  | 'created_at'
  | 'started_at'
  | 'acted_at'
  | 'finished_at'
  | 'rollback_of'
>;
type Settings = Pick<ActionSettings, 'cooldownSeconds' | 'breaker' | 'limits'>;

/** What goes on and what was done of late, as the store has it. */
export interface Doings {
  /** Runs that have not ended, oldest first. */
  acting: RunRow[];
  /** Newest first. */
  recent: Recent[];
}

export interface Asked {
  action: Pick<Action, 'id' | 'lock'>;
  target: Target;
  settings: Settings;
  login: string;
  now: Date;
  /** An action by its id: how long it acts at most counts into how long its lock may last. */
  actionOf: (id: string) => Pick<Action, 'deadlineSeconds' | 'effectSeconds'> | undefined;
}

const hourMs = 3_600_000;
const strictness: readonly Approval[] = ['none', 'typed_target', 'second_person'];

/** Newest runs that are looked at. For one action it is exact: the policy's limits and breakers are below it. */
const mostRecent = 1000;

/** Reads what `holdsOn` judges by, for actions of these settings: for one action of a person on a target, or for all at once. */
export async function readDoings(
  db: Queryable,
  now: Date,
  settings: readonly Settings[],
  of: { actionId: string; target: Target; login: string } | null
): Promise<Doings> {
  const windows = settings.map(({ cooldownSeconds, breaker }) =>
    Math.max(hourMs, cooldownSeconds * 1000, (breaker?.minutes ?? 0) * 60_000)
  );
  // It may have waited for its approval before it acted.
  const since = new Date(now.getTime() - Math.max(0, ...windows) - hourMs);
  const onTarget = [of?.target.kind ?? null, of?.target.name ?? null];
  const acting = await db.query<RunRow>(
    `SELECT * FROM runs WHERE finished_at IS NULL AND ($1::text IS NULL OR (target_kind = $1 AND target_name = $2))
      ORDER BY created_at`,
    onTarget
  );
  const byPerson = settings.some(({ limits }) => limits.perPersonPerHour) ? (of?.login ?? null) : null;
  const recent = await db.query<Recent>(
    `SELECT id, action_id, target_kind, target_name, requested_by, created_at, started_at, acted_at, finished_at, rollback_of
       FROM runs WHERE created_at > $1 AND rollback_of IS NULL
        AND ($2::text IS NULL OR action_id = $2 AND (requested_by = $5 OR target_kind = $3 AND target_name = $4))
      ORDER BY created_at DESC LIMIT $6`,
    [since, of?.actionId ?? null, ...onTarget, byPerson, mostRecent]
  );
  return { acting: acting.rows, recent: recent.rows };
}

/** Everything that holds an action up on its target for this person: the lock, its cooldown, its breaker and the policy's limits. */
export function holdsOn(doings: Doings, asked: Asked): Hold[] {
  const lock = lockOn(doings.acting, asked);
  const own = doings.recent.filter((run) => run.action_id === asked.action.id);
  return [...(lock ? [lock] : []), ...pausesOf(own, asked), ...limitsReached(own, asked)];
}

/** What the policy asks of a person, given what holds the action up. */
export function approvalUnder(holds: readonly Hold[], asked: Approval): Approval {
  return asked === 'none' && holds.some((hold) => hold.asks === 'typed_target') ? 'typed_target' : asked;
}

export function isStricter(approval: Approval, than: Approval): boolean {
  return strictness.indexOf(approval) > strictness.indexOf(than);
}

function lockOn(acting: readonly RunRow[], { action, target, now, actionOf }: Asked): Hold | null {
  const row = holderAmong(acting, target, action.lock);
  if (!row) {
    return null;
  }
  const since = row.started_at ?? row.created_at;
  const holding = actionOf(row.action_id) ?? { deadlineSeconds: 0, effectSeconds: 0 };
  const acted = row.acted_at?.getTime() ?? since.getTime() + holding.deadlineSeconds * 1000;
  const until = new Date(Math.max(now.getTime(), acted + holding.effectSeconds * 1000));
  const why = `${describeHolder(row)}, until ${clockTime(until)} at the latest.`;
  return { ...heldBy(row, since, until), kind: 'lock', why, asks: 'wait' };
}

function pausesOf(own: readonly Recent[], { target, settings, now }: Asked): Hold[] {
  const { cooldownSeconds, breaker } = settings;
  const acted = own
    .flatMap((run) => (run.acted_at && isOn(run, target) ? [{ run, at: run.acted_at }] : []))
    .sort((one, other) => other.at.getTime() - one.at.getTime());
  const last = acted[0];
  if (!last) {
    return [];
  }
  const holds: Hold[] = [];
  const by = last.run.requested_by;
  const cool = new Date(last.at.getTime() + cooldownSeconds * 1000);
  if (cool > now) {
    const ago = Math.max(0, Math.floor((now.getTime() - last.at.getTime()) / 1000));
    const why = `It was done ${ago} s ago by ${by}, and its cooldown is ${cooldownSeconds} s, until ${clockTime(cool)}: type the target's name to do it again.`;
    holds.push({ ...heldBy(last.run, last.at, cool), kind: 'cooldown', why, asks: 'typed_target' });
  }
  const oldest = breaker && acted[breaker.runs - 1];
  const rest = oldest && new Date(oldest.at.getTime() + breaker.minutes * 60_000);
  if (rest && rest > now) {
    const why = `It was done ${breaker.runs} times in ${breaker.minutes} min, last by ${by}, and did not last: look for the cause, or type the target's name. So until ${clockTime(rest)}.`;
    holds.push({ ...heldBy(last.run, last.at, rest), kind: 'breaker', why, asks: 'typed_target' });
  }
  return holds;
}

function limitsReached(own: readonly Recent[], { action, target, settings, login, now }: Asked): Hold[] {
  const { perPersonPerHour, perTargetPerHour } = settings.limits;
  // What ended before it began (rejected, cancelled, run out) does not count.
  const counted = own.filter(
    (run) => run.created_at.getTime() > now.getTime() - hourMs && (run.started_at || !run.finished_at)
  );
  const reached = (runs: readonly Recent[], most: number | undefined, whose: string): Hold[] => {
    const [last, oldest] = [runs[0], most && runs[most - 1]];
    if (!last || !oldest) {
      return [];
    }
    const until = new Date(oldest.created_at.getTime() + hourMs);
    const why = `The policy allows ${most} runs of ${action.id} an hour ${whose}, and so many there were: until ${clockTime(until)}.`;
    return [{ ...heldBy(last, last.created_at, until), kind: 'limit', why, asks: 'wait' }];
  };
  return [
    ...reached(
      counted.filter((run) => run.requested_by === login),
      perPersonPerHour,
      'to each person'
    ),
    ...reached(
      counted.filter((run) => isOn(run, target)),
      perTargetPerHour,
      `on ${target.name}`
    ),
  ];
}

function isOn(run: Recent, target: Target): boolean {
  return run.target_kind === target.kind && run.target_name === target.name;
}

function heldBy(run: Pick<RunRow, 'id' | 'requested_by'>, since: Date, until: Date) {
  return { by: run.requested_by, runId: run.id, since: since.toISOString(), until: until.toISOString() };
}
