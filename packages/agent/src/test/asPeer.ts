import { request } from 'node:http';

/** One request through nginx as if it came from `peer`; nginx of scratchNginx.ts takes that header for it. */
export function askAs(peer: string, url: string): Promise<{ status: number; retryAfter: string | undefined }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent: false, headers: { 'x-forwarded-for': peer } }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, retryAfter: answer.headers['retry-after'] }));
    });
    sent.on('error', reject);
    sent.end();
  });
}
