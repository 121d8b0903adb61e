import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';

/**
 * Answers GET /metrics with the status file, whoever wrote it last, and GET /healthz. While the status could not be
 * written, /metrics answers 500: an old word would be taken for the last one.
 */
export function serveStatus(statusFile: string, unwritten: () => string | null): Server {
  return createServer((request, response) => {
    const answer = (code: number, text: string) =>
      response.writeHead(code, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text);
    if (request.method !== 'GET' || (request.url !== '/metrics' && request.url !== '/healthz')) {
      answer(404, 'Only GET /metrics and GET /healthz are answered.\n');
      return;
    }
    const problem = unwritten();
    if (problem !== null && request.url === '/metrics') {
      answer(500, `The status of the last backup could not be written: ${problem}\n`);
      return;
    }
    void statusText(statusFile).then(
      (text) => answer(200, request.url === '/metrics' ? text : 'ok\n'),
      (error: Error) => answer(500, `The status cannot be read: ${error.message}\n`)
    );
  });
}

async function statusText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') {
      return '# No backup has ended yet.\n';
    }
    throw error;
  });
}
