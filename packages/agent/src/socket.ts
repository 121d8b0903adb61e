import { chmodSync, lstatSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';

/**
 * Listens on a unix socket that only this user may open (0600). A socket that a dead agent left behind is removed.
 * Throws when somebody listens there already, or when a file that is no socket stands in the way. `variable` is where the
 * path comes from.
 */
export async function listenOnSocket(
  listen: (path: string) => Promise<unknown>,
  path: string,
  variable: string
): Promise<void> {
  await clearStale(path, variable);
  // The mode must be right from the first instant, not after a chmod.
  const umask = process.umask(0o177);
  try {
    await listen(path);
  } finally {
    process.umask(umask);
  }
  chmodSync(path, 0o600);
}

async function clearStale(path: string, variable: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found) {
    return;
  }
  if (!found.isSocket()) {
    throw new Error(`${path} is there already and is no socket. Remove it, or choose another ${variable}.`);
  }
  if (await somebodyAnswers(path)) {
    throw new Error(`Another agent listens at ${path} already. Stop it, or choose another ${variable}.`);
  }
  unlinkSync(path);
}

function somebodyAnswers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    // Refused: nobody has it open. Anything else (no right to open it, say) is somebody's.
    socket.on('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT')
    );
  });
}
