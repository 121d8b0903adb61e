import assert from 'node:assert/strict';
import { test } from 'node:test';
import { holdsOn, type Asked, type Doings } from './holds.ts';

const now = new Date('2026-01-01T12:00:00Z');
const minutesAgo = (minutes: number) => new Date(now.getTime() - minutes * 60_000);
const target = { kind: 'odoo', name: 'dfr_odoo_prod' } as const;

function doneAt(minutes: number, changes: Partial<Doings['recent'][number]> = {}): Doings['recent'][number] {
  return {
    id: `run-${minutes}`,
    action_id: 'odoo.restart',
    target_kind: 'odoo',
    target_name: 'dfr_odoo_prod',
    requested_by: 'amina',
    created_at: minutesAgo(minutes + 1),
    started_at: minutesAgo(minutes),
    acted_at: minutesAgo(minutes),
    finished_at: minutesAgo(minutes),
    rollback_of: null,
    ...changes,
  };
}

function holds(recent: Doings['recent'], settings: Partial<Asked['settings']>, login = 'amina') {
  return holdsOn(
    { acting: [], recent },
    {
      action: { id: 'odoo.restart', lock: 'exclusive' },
      target,
      settings: { cooldownSeconds: 0, breaker: null, limits: {}, ...settings },
      login,
      now,
      actionOf: () => undefined,
    }
  );
}

test('a cooldown holds until it is over, by whoever did it last', () => {
  const [hold] = holds([doneAt(2), doneAt(4)], { cooldownSeconds: 180 });
  assert.deepEqual(
    [hold?.kind, hold?.by, hold?.runId, hold?.until, hold?.asks],
    ['cooldown', 'amina', 'run-2', '2026-01-01T12:01:00.000Z', 'typed_target']
  );
  assert.deepEqual(holds([doneAt(3)], { cooldownSeconds: 180 }), []);
  assert.deepEqual(holds([doneAt(1, { target_name: 'dfr_odoo_test' })], { cooldownSeconds: 180 }), []);
});

test('a breaker holds until one of the runs has left its minutes', () => {
  const breaker = { runs: 3, minutes: 30 };
  const [hold] = holds([doneAt(1), doneAt(10), doneAt(25)], { breaker });
  assert.deepEqual([hold?.kind, hold?.until], ['breaker', '2026-01-01T12:05:00.000Z']);
  assert.deepEqual(holds([doneAt(1), doneAt(10), doneAt(31)], { breaker }), []);
  assert.deepEqual(holds([doneAt(1), doneAt(10), doneAt(25, { acted_at: null })], { breaker }), []);
});

test('a limit counts what began within an hour, for the person or on the target', () => {
  const recent = [doneAt(5), doneAt(20), doneAt(40, { requested_by: 'bakary' })];
  const limits = { perPersonPerHour: 2, perTargetPerHour: 3 };
  assert.deepEqual(holds(recent, { limits }).map(({ why }) => /to each person|on dfr_odoo_prod/.exec(why)?.[0]), ['to each person', 'on dfr_odoo_prod']); // prettier-ignore
  assert.equal(holds(recent, { limits })[0]?.until, '2026-01-01T12:39:00.000Z');
  assert.deepEqual(holds(recent, { limits: { perPersonPerHour: 2 } }, 'bakary'), []);
  const neverBegan = { started_at: null, acted_at: null };
  assert.deepEqual(holds([doneAt(5), doneAt(20, neverBegan)], { limits: { perPersonPerHour: 2 } }), []);
  assert.deepEqual(holds([doneAt(5), doneAt(61)], { limits: { perPersonPerHour: 2 } }), []);
});
