import { dirname, join } from 'node:path';
import { chmodSync, writeFileSync } from 'node:fs';
import { answers } from '../httpProbe.ts';
import { durationMs } from '../provision/values.ts';
import { local, localUrl, newNodeProcess, type Context } from './context.ts';
import { privateFolder } from './dataFolders.ts';
import { dfrDatabase } from './databases.ts';
import type { Part } from './startParts.ts';
import { stopStage } from './supervisor.ts';

export const backupProgram = 'packages/agent/src/backup/main.ts';

/** Where the action service asks for a backup. */
export const backupSocket = (context: Context): string => join(context.folders.run, 'backup.sock');

/** What the backup program of this stack is given; a run by hand (`--once`) takes the same. */
export function backupEnvironment({ ports, folders, secrets, programs, values }: Context): Record<string, string> {
  const passFile = join(folders.secrets, 'pgpass-backup');
  const login = `127.0.0.1:${ports.postgresDfr}:${dfrDatabase}:dfr_backup:${secrets.read('postgres-dfr-backup')}\n`;
  writeFileSync(passFile, login, { mode: 0o600 });
  chmodSync(passFile, 0o600);
  const folder = privateFolder(folders.of('backup'));
  return {
    BACKUP_DATABASE_URL: `postgres://dfr_backup@${local(ports.postgresDfr)}/${dfrDatabase}`,
    PGPASSFILE: passFile,
    BACKUP_FOLDER: join(folder, 'dumps'),
    BACKUP_STATUS_FILE: join(folder, 'status.prom'),
    BACKUP_PG_BIN: dirname(programs.pg_dump),
    BACKUP_KEEP: String(values.backup.keep),
    BACKUP_EVERY_SECONDS: String(durationMs(values.backup.interval) / 1000),
    BACKUP_LISTEN: local(ports.backup),
  };
}

/** Backups of DFR's database: once when the last is due, then at the interval of the values. */
export function backupPart(context: Context): Part {
  const env = { ...backupEnvironment(context), BACKUP_SOCKET: backupSocket(context) };
  const child = newNodeProcess(context, 'backup', backupProgram, env, { stage: stopStage.ops });
  return {
    title: 'backup',
    // Odoo makes its tables at its start, and would wait for a dump of them.
    needs: ['Odoo'],
    start: async () => {
      child.start();
      await child.waitUntil(() => answers(`${localUrl(context.ports.backup)}/healthz`, { status: 200 }), 20);
      return local(context.ports.backup);
    },
  };
}
