import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileProblem, StartProblem } from '../problem.ts';

/** Where things are kept below the data folder. */
export type DataFolders = {
  root: string;
  secrets: string;
  logs: string;
  /** Rendered configuration; written anew at each start. */
  config: string;
  /** Unix sockets and pid files. */
  run: string;
  /** One folder of data per server, by name. */
  of: (name: string) => string;
  stackFile: string;
};

export function defaultDataDir(): string {
  if (process.getuid?.() === 0) {
    return '/var/lib/dfr-ops';
  }
  return join(process.env['XDG_DATA_HOME'] || join(homedir(), '.local/share'), 'dfr-ops');
}

/** Makes the folders (private ones 0700) and proves that the disk takes a write. */
export function makeDataFolders(dataDir: string): DataFolders {
  const root = resolve(dataDir);
  if (/\s/.test(root)) {
    throw new StartProblem(
      'data folder',
      `the path ${root} has a space in it, which the servers' configuration cannot hold`,
      'Choose a folder without spaces with --data DIR.'
    );
  }
  const folders: DataFolders = {
    root,
    secrets: join(root, 'secrets'),
    logs: join(root, 'logs'),
    config: join(root, 'config'),
    run: join(root, 'run'),
    of: (name) => join(root, name),
    stackFile: join(root, 'stack.json'),
  };
  try {
    mkdirSync(root, { recursive: true, mode: 0o755 });
    for (const folder of [folders.secrets, folders.config, folders.run]) {
      privateFolder(folder);
    }
    mkdirSync(folders.logs, { recursive: true, mode: 0o750 });
    demandSpace(root);
    const probe = join(root, '.write-test');
    writeFileSync(probe, Buffer.alloc(1 << 20));
    rmSync(probe);
  } catch (error) {
    throw error instanceof StartProblem ? error : fileProblem('data folder', root, error);
  }
  if (join(folders.run, 'nginx-agent.sock').length > 100) {
    throw new StartProblem(
      'data folder',
      `the path ${root} is too long for a unix socket below it (107 bytes)`,
      'Choose a shorter folder with --data DIR.'
    );
  }
  return folders;
}

/** Two fresh database clusters and a day of samples and logs fit into this. */
const neededMegabytes = 300;

function demandSpace(root: string): void {
  const { bavail, bsize } = statfsSync(root);
  const free = Math.floor((bavail * bsize) / 2 ** 20);
  if (free < neededMegabytes) {
    throw new StartProblem(
      'data folder',
      `the disk that holds ${root} has ${free} MB left, and ${neededMegabytes} MB are needed`,
      'Free some space, or choose another folder with --data DIR.'
    );
  }
}

export function privateFolder(path: string): string {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  chmodSync(path, 0o700);
  return path;
}

/** A folder that the system user `postgres` owns (root only), below a path that it can walk through. */
export function folderForPostgres(path: string): void {
  try {
    if (!existsSync(path)) {
      privateFolder(path);
    }
    if (process.getuid?.() !== 0) {
      return;
    }
    const id = (flag: string) => Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout);
    const [uid, gid] = [id('-u'), id('-g')];
    chownSync(path, uid, gid);
  } catch (error) {
    throw fileProblem('PostgreSQL', path, error);
  }
  const walk = spawnSync('setpriv', [
    '--reuid',
    'postgres',
    '--regid',
    'postgres',
    '--init-groups',
    '--',
    'test',
    '-x',
    path,
  ]);
  if (walk.status !== 0) {
    throw new StartProblem(
      'PostgreSQL',
      `the system user postgres cannot reach ${path}: a folder on the way is closed to it`,
      'PostgreSQL refuses to run as root. Choose a folder that other users may walk through, e.g. --data /var/lib/dfr-ops.'
    );
  }
}
