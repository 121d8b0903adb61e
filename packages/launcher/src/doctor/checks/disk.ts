import { statfs } from 'node:fs/promises';
import { failed, NotChecked, ok, warning, type Check, type Finding } from '../check.ts';
import type { Installation } from '../installation.ts';

export const diskCheck = ({ data }: Installation): Check => ({
  name: 'Disk of the data',
  remedy: 'See that the folder is there and may be read.',
  async look() {
    if (data === null) {
      throw new NotChecked(
        'the data is on another machine',
        'LowDiskSpace and DiskFillingUp watch it, where its node exporter is scraped.'
      );
    }
    const { bavail, blocks, bsize } = await statfs(data);
    return judgeDisk(data, bavail * bsize, blocks * bsize);
  },
});

/** Bytes. */
export function judgeDisk(data: string, free: number, all: number): Finding {
  const share = free / all;
  const text = `${Math.floor(free / 2 ** 20)} MB (${Math.floor(share * 100)} %) are left for ${data}.`;
  const remedy = 'Free some space, or keep less: retention in the values.';
  if (free < 300 * 2 ** 20 || share < 0.02) {
    return failed('Disk of the data', text, remedy);
  }
  return share < 0.1 ? warning('Disk of the data', text, remedy) : ok('Disk of the data', text);
}
