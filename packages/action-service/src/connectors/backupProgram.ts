import { BackupStarted, BackupState } from '@dfr-ops/contracts';
import { UnreachableError } from './unreachable.ts';
import { unixHttp } from './unixHttp.ts';

export interface BackupConnector {
  /** Whether one is being made, and how the last one went; touches nothing. */
  status(): Promise<BackupState>;
  /** Begins one. `started: false` while one is being made. */
  run(): Promise<BackupStarted>;
  close(): Promise<void>;
}

/** The backup program beside DFR's database, over its unix socket. It makes its own backup and takes no command. */
export function connectBackup(socketPath: string): BackupConnector {
  const http = unixHttp(socketPath, 'The backup program');
  const unread = (status: number) =>
    new UnreachableError(`The backup program answered with status ${status} and nothing that could be read.`);
  return {
    async status() {
      const { status, body } = await http.ask('GET', '/v1/status');
      const parsed = BackupState.safeParse(body);
      if (!parsed.success) {
        throw unread(status);
      }
      return parsed.data;
    },
    async run() {
      const { status, body } = await http.ask('POST', '/v1/run');
      const parsed = BackupStarted.safeParse(body);
      if (!parsed.success) {
        throw unread(status);
      }
      return parsed.data;
    },
    close: http.close,
  };
}
