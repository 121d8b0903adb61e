import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { detailsOf } from './errors.ts';

const statuses: Record<string, number> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 };

/** Answers what never became a request: headers too large, too slow, or not HTTP. The connection is of no use any more. */
export function answerUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = statuses[error.code ?? ''] ?? 400;
  const problem = {
    code: (STATUS_CODES[status] ?? 'bad_request').toLowerCase().replaceAll(' ', '_'),
    what: 'The request was refused, nothing was changed.',
    why: 'It could not be read: its head is too large, came too slowly, or is not HTTP.',
    todo: 'Shorten its address and headers and send it again.',
  };
  const body = JSON.stringify(detailsOf(status, problem, randomUUID()));
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/problem+json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`
  );
}
