import { createServer, type Server } from 'node:http';
import type { BackupStarted, BackupState } from '@dfr-ops/contracts';
import type { Backups } from './oneAtATime.ts';
import type { Tell } from './runBackup.ts';
import { readStatus } from './statusFile.ts';

/**
 * Answers whoever may open the socket: GET /v1/status, and POST /v1/run, which begins the one backup that this program
 * makes and reads no body. 409 while one is being made.
 */
export function serveRequests(backups: Backups, statusFile: string, tell: Tell): Server {
  const state = async (): Promise<BackupState> => ({
    runningSince: backups.runningSince()?.toISOString() ?? null,
    last: await readStatus(statusFile),
  });
  const run = async (): Promise<[number, BackupStarted]> => {
    const started = backups.runningSince() === null;
    if (started) {
      tell('INFO', 'A backup was asked for.');
      void backups.run();
    }
    return [started ? 202 : 409, { started, state: await state() }];
  };
  const answers: Record<string, () => Promise<[number, object]>> = {
    'GET /v1/status': async () => [200, await state()],
    'POST /v1/run': run,
  };
  return createServer((request, response) => {
    const answer = (code: number, body: object) =>
      response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    request.resume();
    const known = answers[`${request.method} ${request.url}`];
    if (!known) {
      answer(404, { message: 'Only GET /v1/status and POST /v1/run are answered.' });
      return;
    }
    known().then(
      ([code, body]) => answer(code, body),
      (error: Error) => answer(500, { message: `The status cannot be read: ${error.message}` })
    );
  });
}
