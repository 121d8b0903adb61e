import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Activity } from '../connectors/postgresSessions.ts';
import { blockedBehind, rootBlockers, stillWaiting, treeAround } from './blockingTree.ts';

const session = (pid: number, ...blockedBy: number[]): Activity => ({
  pid,
  backendStart: `start of ${pid}`,
  user: 'odoo',
  application: 'odoo',
  client: '127.0.0.1',
  database: 'dfr',
  state: 'active',
  stateSeconds: 60,
  xactStart: null,
  xactSeconds: 60,
  guarded: null,
  blockedBy,
  waitsFor: null,
});
// 1 holds 2 up, behind whom 3 and 4 wait; 5 waits for 3 and 4; 6 and 7 have nothing to do with it; 8 waits for a prepared one.
const all = [
  session(1),
  session(2, 1),
  session(3, 2),
  session(4, 2),
  session(5, 3, 4),
  session(6),
  session(7, 6),
  session(8, 0),
];

test('counts who waits behind whom, each once', () => {
  assert.deepEqual(
    [1, 2, 3, 5, 6].map((pid) => blockedBehind(all, pid).length),
    [4, 3, 1, 0, 1]
  );
});

test('whoever holds most up comes first, and nobody who waits himself', () => {
  assert.deepEqual(
    rootBlockers(all).map(({ holder, waiting }) => [holder.pid, waiting]),
    [
      [1, 4],
      [6, 1],
    ]
  );
  assert.deepEqual(rootBlockers([session(1), session(2)]), []);
});

test('draws the tree around one session, and leaves others out', () => {
  const lines = (pid: number) => treeAround(all, pid).map(({ depth, session: one }) => `${depth}:${one.pid}`);
  assert.deepEqual(lines(1), ['0:1', '1:2', '2:3', '3:5', '2:4']);
  assert.deepEqual(lines(3), ['0:1', '1:2', '2:3', '3:5']);
  assert.deepEqual(lines(8), ['0:8']);
});

test('a ring is drawn once and does not go on for ever', () => {
  const ring = [session(1, 2), session(2, 1), session(3, 1)];
  assert.deepEqual(
    treeAround(ring, 2)
      .map(({ session: one }) => one.pid)
      .sort(),
    [1, 2, 3]
  );
  assert.equal(blockedBehind(ring, 1).length, 2);
  assert.equal(blockedBehind([session(4), session(1, 2, 4), session(2, 1)], 4).length, 2);
});

test('who waits still is known by pid and start together', () => {
  const seen = [session(3), session(7), { pid: 4, backendStart: 'another session' }];
  assert.deepEqual(
    stillWaiting(all, seen).map(({ pid }) => pid),
    [3, 7]
  );
});
