import { dueBlocks, endDueBlocks } from './block/changeBlocks.ts';
import type { NginxFiles } from './config.ts';
import { endDueMaintenance, isOver, readMaintenance } from './maintenance/maintenance.ts';

/** Ends what was set for a time that is over; see Verbs.endDue. Takes a turn only when something is due. */
export async function endDue(files: NginxFiles, inTurn: <T>(work: () => Promise<T>) => Promise<T>): Promise<string[]> {
  const { maintenanceFlag: flag, denyInclude } = files;
  const done: string[] = [];
  // Looked at again within the turn: a verb before it may have lengthened it.
  if (flag !== null && isOver(await readMaintenance(flag)) && (await inTurn(() => endDueMaintenance(flag)))) {
    done.push('The maintenance page ended by itself.');
  }
  const due = denyInclude === null ? [] : await dueBlocks(denyInclude);
  if (denyInclude !== null && due.length > 0) {
    const { ok, output } = await inTurn(() => endDueBlocks(files, denyInclude));
    const names = due.map((one) => one.address).join(', ');
    if (!ok) {
      throw new Error(`${names} should be let in again, and nginx does not take it: ${output}`);
    }
    done.push(`${names}: let in again, the time is over.`);
  }
  return done;
}
