import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Activity } from '../connectors/postgresSessions.ts';
import { SessionBounds } from './chooseSession.ts';
import { whatHolds } from './whatHolds.ts';

const session = (pid: number, part: Partial<Activity> = {}): Activity => ({
  pid,
  backendStart: `start of ${pid}`,
  user: 'odoo',
  application: 'odoo',
  client: '127.0.0.1',
  database: 'dfr',
  state: 'active',
  stateSeconds: 600,
  xactStart: 'then',
  xactSeconds: 600,
  guarded: null,
  blockedBy: [],
  waitsFor: null,
  ...part,
});
const words = (...activities: Activity[]) => whatHolds(activities, SessionBounds.parse({}));
const waiter = session(2, { blockedBy: [1] });

test('names who holds others up, and what reaches that one', () => {
  assert.match(words(session(1), waiter), /^pid 1 \(odoo, application odoo, active\) holds 1 session up now\. Cancel/);
  const idle = session(1, { state: 'idle in transaction' });
  assert.match(words(idle, waiter), /works on nothing, so end its session \(postgres\.terminate-session\)/);
  assert.match(words(session(1, { guarded: 'backup' }), waiter), /not to be touched \(backup\): cancel what waits/);
});

test('where nobody is held up, the oldest transaction that may be touched', () => {
  assert.match(
    words(session(1, { xactSeconds: 60 }), session(3)),
    /the oldest transaction is that of pid 3 \(.*10 min\)\./
  );
  assert.match(words(session(3, { guarded: 'superuser' })), /^No old transaction is left/);
});
