import { request } from 'node:http';

/** One HTTP request with headers that `fetch` does not let one set, such as Host. */
export function askRaw(url: string, headers: Record<string, string>): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { headers, agent: false }, async (answer) => {
      let text = '';
      for await (const part of answer) {
        text += part;
      }
      resolve({ status: answer.statusCode ?? 0, text });
    });
    sent.on('error', reject);
    sent.end();
  });
}
