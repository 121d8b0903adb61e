import { open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncPath } from './backupFiles.ts';

/** What `dfr_backup_last_status` says. 0 is the only good one. */
export const outcomes = { succeeded: 0, dumpFailed: 1, notReadable: 2, folderFailed: 3, interrupted: 4 } as const;

export interface BackupStatus {
  status: number;
  /** Unix seconds; 0: none has ever succeeded. */
  lastSuccess: number;
  /** Of the last good one; 0: there is none. */
  sizeBytes: number;
  /** Of the last run, good or bad. */
  durationSeconds: number;
}

const help: Array<[keyof BackupStatus, string, string]> = [
  [
    'status',
    'dfr_backup_last_status',
    '0: the last backup succeeded; 1: pg_dump failed; 2: pg_restore cannot read it; 3: its folder failed; 4: it was interrupted.',
  ],
  ['lastSuccess', 'dfr_backup_last_success_timestamp_seconds', 'When the last good backup ended; 0: never.'],
  ['sizeBytes', 'dfr_backup_last_size_bytes', 'Size of the last good backup.'],
  ['durationSeconds', 'dfr_backup_last_duration_seconds', 'How long the last backup took, good or bad.'],
];
const labels = '{backup="database"}';

/** The last written status; null where there is none. */
export async function readStatus(file: string): Promise<BackupStatus | null> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') {
      return null;
    }
    throw error;
  });
  return text === null ? null : parseStatus(text);
}

function parseStatus(text: string): BackupStatus {
  const entries = help.map(([field, name]) => {
    const value = new RegExp(`^${name}\\{[^}]*\\} (\\S+)$`, 'm').exec(text)?.[1];
    return [field, Number(value ?? 0)] as const;
  });
  return Object.fromEntries(entries) as unknown as BackupStatus;
}

/** Replaces the file at once: a reader finds the former text or this one, never half of either. */
export async function writeStatus(path: string, status: BackupStatus): Promise<void> {
  const text = help.map(
    ([field, name, words]) => `# HELP ${name} ${words}\n# TYPE ${name} gauge\n${name}${labels} ${status[field]}\n`
  );
  const temporary = `${path}.${process.pid}.new`;
  try {
    const file = await open(temporary, 'w', 0o644);
    try {
      await file.writeFile(text.join(''));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncPath(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
