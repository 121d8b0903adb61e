import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findOnPath } from '../native/binaries.ts';

/** A Grafana that is installed on this machine. */
export type GrafanaProgram = {
  /** Absolute path. */
  command: string;
  /** What comes before the server's own flags. */
  args: readonly string[];
  /** Folder with `conf/defaults.ini` and the built `public/`. */
  home: string;
};

const names = ['grafana', 'grafana-server'];

/**
 * The Grafana in GF_PATHS_HOME, else the one on the PATH whose home can be told. Null where there is none, or where its
 * page is not built.
 */
export function findGrafana(env: NodeJS.ProcessEnv = process.env): GrafanaProgram | null {
  const named = env['GF_PATHS_HOME'];
  const command =
    (named ? names.map((name) => join(named, 'bin', name)).find(existsSync) : undefined) ??
    names.map((name) => findOnPath(name)).find((path) => path !== null);
  if (!command) {
    return null;
  }
  const homes = [named, join(dirname(realpathSync(command)), '..'), '/usr/share/grafana'];
  const home = homes.find((folder) => folder && existsSync(join(folder, 'conf/defaults.ini')) && hasPage(folder));
  return home ? { command, args: command.endsWith('grafana-server') ? [] : ['server'], home } : null;
}

function hasPage(home: string): boolean {
  return existsSync(join(home, 'public/build'));
}
