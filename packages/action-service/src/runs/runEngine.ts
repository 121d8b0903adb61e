import type { EventEmitter } from 'node:events';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { Action, ActionContext } from '../actions/action.ts';
import type { AlertSight, RecordMoment } from '../deps.ts';
import type { PolicySource } from '../policy/policySource.ts';
import type { FreezeSwitch } from './freezeSwitch.ts';
import type { RunRow } from './runRow.ts';

/** What performing and taking up runs leans on. */
export interface RunEngine {
  store: Pool;
  log: Logger;
  now: () => Date;
  policy: PolicySource;
  freezes: Pick<FreezeSwitch, 'read'>;
  /** Emits `run` with a run's id whenever an event of it was written, by whichever replica. */
  feed: EventEmitter<{ run: [string] }>;
  /** This process's number; see workerSession.ts. */
  worker: number;
  /** Ids of the runs that go on in this process. */
  active: Set<string>;
  sight: AlertSight;
  recordMoment: RecordMoment;
  verifyTimeoutMs: number;
  lookEveryMs: number;
  actionOf(id: string): Action | undefined;
  contextOf(action: Action, row: RunRow): ActionContext;
  /** Does a queued run to its end, unless it goes on here already; never throws. */
  perform(runId: string): Promise<void>;
  /** Called once for every run that ended here. */
  ended(row: RunRow): void;
}
