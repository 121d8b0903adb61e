import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Sighting } from '../deps.ts';
import { judgeAlert } from './judgeAlert.ts';

const actedAt = new Date('2026-01-01T00:00:00Z');
const second = (n: number) => new Date(actedAt.getTime() + n * 1000);
const look = (state: Sighting['state'], evaluated: number | null, fresh: number | null): Sighting => ({
  state,
  evaluatedAt: evaluated === null ? null : second(evaluated),
  freshAt: fresh === null ? null : second(fresh),
  value: null,
  detail: state,
});

test('is normal on the third fresh evaluation in a row, since the first of them', () => {
  const judge = judgeAlert(actedAt);
  assert.equal(judge.see(look('normal', 1, 0.5)).freshSamples, 1);
  assert.equal(judge.see(look('normal', 2, 1.5)).state, 'pending');
  const verdict = judge.see(look('normal', 3, 2.5));
  assert.equal(verdict.state, 'normal');
  assert.equal(verdict.since, second(1).toISOString());
});

test('does not count the same evaluation or the same sample twice, nor one from before the action', () => {
  const judge = judgeAlert(actedAt);
  judge.see(look('normal', -1, -1));
  judge.see(look('normal', 1, -0.5));
  judge.see(look('normal', 1, 0.5));
  judge.see(look('normal', 1, 0.9));
  assert.equal(judge.see(look('normal', 2, 0.5)).freshSamples, 1);
});

test('begins anew when the alert shows itself again', () => {
  const judge = judgeAlert(actedAt);
  judge.see(look('normal', 1, 1));
  judge.see(look('normal', 2, 2));
  assert.equal(judge.see(look('pending', 3, 3)).freshSamples, 0);
  assert.equal(judge.conclude().state, 'still_firing');
  judge.see(look('normal', 4, 4));
  judge.see(look('normal', 5, 5));
  assert.equal(judge.see(look('normal', 6, 6)).since, second(4).toISOString());
});

test('never takes missing samples for recovery', () => {
  for (const state of ['no_data', 'unreachable', 'normal'] as const) {
    const judge = judgeAlert(actedAt);
    for (let n = 1; n < 20; n += 1) {
      judge.see(look(state, n, state === 'normal' ? -5 : null));
    }
    assert.equal(judge.conclude().state, 'no_data', state);
  }
});

test('a gap in the samples does not count, and does not undo what was seen', () => {
  const judge = judgeAlert(actedAt);
  judge.see(look('normal', 1, 1));
  judge.see(look('unreachable', null, null));
  judge.see(look('normal', 2, 2));
  assert.equal(judge.see(look('normal', 3, 3)).state, 'normal');
});

test('while the window of the rule still holds what was before the action, it says by when it clears at the latest', () => {
  const judge = judgeAlert(actedAt);
  const seen = judge.see({ ...look('firing', 10, 10), windowSeconds: 300 });
  assert.equal(seen.clearsBy, second(300).toISOString());
  const early = judge.conclude();
  assert.equal(early.state, 'still_firing');
  assert.match(early.detail, /Its window clears by 00:05:00 UTC at the latest\./);
  judge.see({ ...look('firing', 301, 301), windowSeconds: 300 });
  const late = judge.conclude();
  assert.equal(late.clearsBy ?? null, null, 'the window does not explain it any more');
  assert.doesNotMatch(late.detail, /window/);
  judge.see({ ...look('firing', 302, 302), windowSeconds: null });
  assert.equal(judge.conclude().clearsBy ?? null, null, 'what is not known is not promised');
});
