import { execFile } from 'node:child_process';
import { access, constants, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BackupPlan } from './config.ts';
import { keepDump, namesAt, prune } from './backupFiles.ts';
import { outcomes, readStatus, writeStatus, type BackupStatus } from './statusFile.ts';

/** Seconds that a dump waits for a table that somebody has locked. */
const LOCK_WAIT = '300s';

/** A backup that failed, and as what. The message says why, and what to do. */
class BackupFailure extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export type Tell = (level: 'INFO' | 'ERROR', message: string) => void;

/**
 * Makes one backup, verifies it, drops the oldest, and writes down how it went. Answers that status; a failure is an
 * answer too. Throws only when the status itself cannot be written.
 */
export async function runBackup(plan: BackupPlan, tell: Tell, signal: AbortSignal): Promise<BackupStatus> {
  const began = Date.now();
  const before = await readStatus(plan.statusFile);
  let result: Pick<BackupStatus, 'status' | 'lastSuccess' | 'sizeBytes'>;
  try {
    const { size, name } = await makeDump(plan, signal);
    result = { status: outcomes.succeeded, lastSuccess: Math.floor(Date.now() / 1000), sizeBytes: size };
    tell('INFO', `Backup ${name} is made and readable: ${size} bytes in ${(Date.now() - began) / 1000} s.`);
  } catch (error) {
    const status = error instanceof BackupFailure ? error.status : outcomes.folderFailed;
    tell('ERROR', `The backup failed (status ${status}): ${(error as Error).message}`);
    result = { status, lastSuccess: before?.lastSuccess ?? 0, sizeBytes: before?.sizeBytes ?? 0 };
  }
  const status = { ...result, durationSeconds: (Date.now() - began) / 1000 };
  await writeStatus(plan.statusFile, status);
  return status;
}

async function makeDump(plan: BackupPlan, signal: AbortSignal): Promise<{ size: number; name: string }> {
  await mkdir(plan.folder, { recursive: true, mode: 0o700 });
  await access(plan.folder, constants.W_OK);
  const database = new URL(plan.databaseUrl).pathname.slice(1);
  const { partial, final } = namesAt(plan.folder, database, new Date());
  try {
    await run(plan, signal, 'pg_dump', [
      '--format=custom',
      '--no-password',
      `--lock-wait-timeout=${LOCK_WAIT}`,
      `--file=${partial}`,
      `--dbname=${plan.databaseUrl}`,
    ]);
    await run(plan, signal, 'pg_restore', ['--list', partial]);
    const size = await keepDump(partial, final, plan.folder);
    await prune(plan.folder, database, plan.keep, plan.deadlineMs);
    return { size, name: final };
  } catch (error) {
    await rm(partial, { force: true }).catch(() => {});
    throw error;
  }
}

/** Runs one of PostgreSQL's programs with an argument vector: no shell, no password among the arguments. */
function run(plan: BackupPlan, signal: AbortSignal, program: 'pg_dump' | 'pg_restore', args: string[]): Promise<void> {
  const path = plan.programs === null ? program : join(plan.programs, program);
  const env = { PATH: plan.path, LANG: 'C.UTF-8', PGPASSFILE: plan.passFile, PGCONNECT_TIMEOUT: '10' };
  const limits = { timeout: plan.deadlineMs, killSignal: 'SIGTERM', maxBuffer: 64 << 20, signal } as const;
  return new Promise((resolve, reject) => {
    execFile(path, args, { env, ...limits }, (error, _stdout, stderr) => {
      if (!error) {
        resolve();
      } else if (signal.aborted) {
        reject(
          new BackupFailure(
            outcomes.interrupted,
            'it was stopped before it was whole. It runs again at the next start.'
          )
        );
      } else {
        const status = program === 'pg_dump' ? outcomes.dumpFailed : outcomes.notReadable;
        reject(new BackupFailure(status, `${program} ${howItEnded(error, stderr, plan.deadlineMs)}`));
      }
    });
  });
}

function howItEnded(error: Error & { code?: unknown; killed?: boolean; signal?: unknown }, stderr: string, ms: number) {
  if (error.killed) {
    return `was ended after ${ms / 1000} s (BACKUP_DEADLINE_SECONDS): a session may hold a lock, or the disk is slow.`;
  }
  if (error.code === 'ENOENT') {
    return 'is not there. Install the client programs of PostgreSQL, or set BACKUP_PG_BIN.';
  }
  const words = stderr.trim().split('\n').slice(-3).join(' / ').slice(0, 500);
  return `said: ${words || `nothing, and ended by ${String(error.signal ?? error.code)}`}`;
}
