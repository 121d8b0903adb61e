import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../../stand-ins/src/test/freePort.ts';
import { until, type ScratchPostgres } from './scratchPostgres.ts';

/** The real backup program with its socket, over a real PostgreSQL, after the backup that it makes at its start. */
export interface BackupProgram {
  socket: string;
  dumps: () => string[];
  stop: () => Promise<void>;
}

const main = fileURLToPath(new URL('../backup/main.ts', import.meta.url));

export async function startBackupProgram(postgres: ScratchPostgres, passFile: string): Promise<BackupProgram> {
  const folder = mkdtempSync(join(tmpdir(), 'dfr-backup-'));
  const socket = join(folder, 'backup.sock');
  const port = await freePort();
  const child = spawn(process.execPath, [main], {
    stdio: 'ignore',
    env: {
      PATH: process.env['PATH'] ?? '',
      BACKUP_DATABASE_URL: postgres.url,
      PGPASSFILE: passFile,
      BACKUP_FOLDER: join(folder, 'dumps'),
      BACKUP_STATUS_FILE: join(folder, 'backup.prom'),
      BACKUP_PG_BIN: postgres.programs,
      BACKUP_LISTEN: `127.0.0.1:${port}`,
      BACKUP_SOCKET: socket,
      BACKUP_EVERY_SECONDS: '3600',
    },
  });
  const first = () => fetch(`http://127.0.0.1:${port}/metrics`).then((answer) => answer.text());
  await until(async () => /^dfr_backup_last_status\{/m.test(await first()), 'its first backup has ended');
  return {
    socket,
    dumps: () => readdirSync(join(folder, 'dumps')).filter((name) => name.endsWith('.dump')),
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, 'exit');
        child.kill('SIGKILL');
        await ended;
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
