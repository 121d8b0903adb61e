import { chown, copyFile, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Puts `text` in the place of the file at once: nobody ever reads half of it, and it is on the disk before it counts.
 * Mode and owner stay. What was there before is kept beside it as `<name>.previous`.
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const target = await realpath(path);
  const before = await stat(target);
  const temporary = join(dirname(target), `.${basename(target)}.${process.pid}.new`);
  try {
    const file = await open(temporary, 'w', before.mode & 0o777);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await chown(temporary, before.uid, before.gid);
    await copyFile(target, `${target}.previous`);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
