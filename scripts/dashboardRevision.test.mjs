import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withRevision } from './dashboardRevision.mjs';

const revisionOf = (dashboard) => JSON.parse(withRevision(JSON.stringify(dashboard))).revision;

test('the same dashboard has the same revision, however it is written and whatever it says', () => {
  const one = { uid: 'a', panels: [{ id: 1 }] };
  assert.equal(revisionOf(one), JSON.parse(withRevision(JSON.stringify({ ...one, revision: 7 }, null, 4))).revision);
  assert.ok(Number.isInteger(revisionOf(one)) && revisionOf(one) > 0 && revisionOf(one) < 2 ** 31);
});

test('a changed panel is another revision', () => {
  assert.notEqual(revisionOf({ uid: 'a', panels: [{ id: 1 }] }), revisionOf({ uid: 'a', panels: [{ id: 2 }] }));
});

test('what is no JSON stops the build', () => {
  assert.throws(() => withRevision('{'), SyntaxError);
});
