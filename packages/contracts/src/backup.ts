import { z } from 'zod';
import { Instant } from './common.ts';

/** The backup program beside the database, as its own socket tells it: `GET /v1/status`. */
export const BackupState = z.object({
  /** Since when a backup is being made; null: none is. */
  runningSince: Instant.nullable(),
  /** How the last one went; null: none has ended yet. The same figures as its metrics. */
  last: z
    .object({
      /** 0 is good; see `dfr_backup_last_status`. */
      status: z.number().int(),
      /** Unix seconds; 0: none has ever succeeded. */
      lastSuccess: z.number(),
      sizeBytes: z.number(),
      durationSeconds: z.number(),
    })
    .nullable(),
});
export type BackupState = z.infer<typeof BackupState>;

/** Answer of `POST /v1/run`, which takes no body: 202 when one was begun, 409 when one is being made already. */
export const BackupStarted = z.object({ started: z.boolean(), state: BackupState });
export type BackupStarted = z.infer<typeof BackupStarted>;
