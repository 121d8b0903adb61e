import type { Action } from './action.ts';
import { alertExpire } from './alertExpire.ts';
import { alertSilence } from './alertSilence.ts';
import { backupRun } from './backupRun.ts';
import { nginxBlockIp } from './nginxBlockIp.ts';
import { nginxDrain } from './nginxDrain.ts';
import { nginxMaintenanceOff } from './nginxMaintenanceOff.ts';
import { nginxMaintenanceOn } from './nginxMaintenanceOn.ts';
import { nginxRateLimit } from './nginxRateLimit.ts';
import { nginxReload } from './nginxReload.ts';
import { nginxRotateLogs } from './nginxRotateLogs.ts';
import { nginxStart } from './nginxStart.ts';
import { nginxTest } from './nginxTest.ts';
import { nginxUnblockIp } from './nginxUnblockIp.ts';
import { nginxUndrain } from './nginxUndrain.ts';
import { odooDisableCron } from './odooDisableCron.ts';
import { odooDumpStacks } from './odooDumpStacks.ts';
import { odooEnableCron } from './odooEnableCron.ts';
import { odooFlushMail } from './odooFlushMail.ts';
import { odooLockUser } from './odooLockUser.ts';
import { odooReload } from './odooReload.ts';
import { odooRequeueJobs } from './odooRequeueJobs.ts';
import { odooRestart } from './odooRestart.ts';
import { odooRetryMail } from './odooRetryMail.ts';
import { odooRunCron } from './odooRunCron.ts';
import { odooUnlockUser } from './odooUnlockUser.ts';
import { odooWorkerAdd } from './odooWorkerAdd.ts';
import { odooWorkerRemove } from './odooWorkerRemove.ts';
import { postgresCancelQuery } from './postgresCancelQuery.ts';
import { postgresCheckpoint } from './postgresCheckpoint.ts';
import { postgresReloadConf } from './postgresReloadConf.ts';
import { postgresRestart } from './postgresRestart.ts';
import { postgresTerminateIdle } from './postgresTerminateIdle.ts';
import { postgresTerminateSession } from './postgresTerminateSession.ts';
import { postgresVacuumAnalyze } from './postgresVacuumAnalyze.ts';

/** Every action that there is. */
export const catalogue: readonly Action[] = [
  postgresTerminateIdle,
  postgresCancelQuery,
  postgresTerminateSession,
  postgresVacuumAnalyze,
  postgresCheckpoint,
  postgresReloadConf,
  postgresRestart,
  odooRestart,
  odooReload,
  odooWorkerAdd,
  odooWorkerRemove,
  odooDumpStacks,
  odooRunCron,
  odooDisableCron,
  odooEnableCron,
  odooFlushMail,
  odooRetryMail,
  odooRequeueJobs,
  odooLockUser,
  odooUnlockUser,
  nginxUndrain,
  nginxReload,
  nginxTest,
  nginxDrain,
  nginxStart,
  nginxMaintenanceOn,
  nginxMaintenanceOff,
  nginxRateLimit,
  nginxBlockIp,
  nginxUnblockIp,
  nginxRotateLogs,
  backupRun,
  alertSilence,
  alertExpire,
];
