import type { Target } from '@dfr-ops/contracts';
import type { Approval } from '../policy/policySchema.ts';
import type { ActionSettings } from '../policy/policySource.ts';
import type { Queryable } from '../store/pool.ts';

const strictness: readonly Approval[] = ['none', 'typed_target', 'second_person'];

/** What the policy asks of a person now, given the reasons to pause. */
export function approvalFor(settings: ActionSettings, pauses: readonly string[]): Approval {
  return settings.approval === 'none' && pauses.length > 0 ? 'typed_target' : settings.approval;
}

export function isStricter(approval: Approval, than: Approval): boolean {
  return strictness.indexOf(approval) > strictness.indexOf(than);
}

/** Why a person should think twice about doing this again so soon, in sentences; empty when there is no reason. */
export async function reasonsToPause(
  db: Queryable,
  actionId: string,
  target: Target,
  { cooldownSeconds, breaker }: ActionSettings
): Promise<string[]> {
  const minutes = breaker?.minutes ?? 0;
  const { rows } = await db.query(
    `SELECT max(acted_at) AS last, extract(epoch FROM clock_timestamp() - max(acted_at))::float AS ago,
            count(*) FILTER (WHERE acted_at > clock_timestamp() - make_interval(mins => $4)) AS recent
       FROM runs WHERE action_id = $1 AND target_kind = $2 AND target_name = $3 AND acted_at IS NOT NULL`,
    [actionId, target.kind, target.name, minutes]
  );
  const { ago, recent } = rows[0] as { ago: number | null; recent: number };
  const reasons: string[] = [];
  if (ago !== null && ago < cooldownSeconds) {
    reasons.push(
      `It was done ${Math.floor(ago)} s ago, and its cooldown is ${cooldownSeconds} s: type the target's name to do it again.`
    );
  }
  if (breaker && recent >= breaker.runs) {
    reasons.push(
      `It was done ${recent} times in ${breaker.minutes} min and did not last: look for the cause, or type the target's name.`
    );
  }
  return reasons;
}
