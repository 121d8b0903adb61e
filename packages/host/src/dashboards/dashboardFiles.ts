import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';

/** A classic (v1) dashboard; drawn by the page. */
export interface Dashboard {
  uid: string;
  title: string;
  tags?: string[];
  [field: string]: unknown;
}

/** Reads the dashboards of a folder anew at each call, so that an edited file shows at the next reload. Files without uid and title are left out. */
export async function readDashboards(folder: string): Promise<Dashboard[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
  const files = await Promise.all(names.map((name) => readFile(path.join(folder, name), 'utf8')));
  return files.flatMap((text) => {
    const dashboard = parse(text);
    return dashboard ? [dashboard] : [];
  });
}

function parse(text: string): Dashboard | null {
  try {
    const json = JSON.parse(text) as Partial<Dashboard> | null;
    return typeof json?.uid === 'string' && typeof json.title === 'string' ? (json as Dashboard) : null;
  } catch {
    // Somebody is just writing it: it is there again with the next call.
    return null;
  }
}
