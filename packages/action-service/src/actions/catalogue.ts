import type { Action } from './action.ts';
import { nginxDrain } from './nginxDrain.ts';
import { nginxReload } from './nginxReload.ts';
import { nginxTest } from './nginxTest.ts';
import { nginxUndrain } from './nginxUndrain.ts';
import { odooRestart } from './odooRestart.ts';
import { postgresTerminateIdle } from './postgresTerminateIdle.ts';

/** Every action that there is. */
export const catalogue: readonly Action[] = [
  postgresTerminateIdle,
  odooRestart,
  nginxUndrain,
  nginxReload,
  nginxTest,
  nginxDrain,
];
