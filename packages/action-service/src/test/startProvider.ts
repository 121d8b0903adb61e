import { createServer, type IncomingHttpHeaders } from 'node:http';

export type ProviderRequest = { method: string; url: string; headers: IncomingHttpHeaders; body: string };
export type ProviderAnswer = { status: number; body?: string; headers?: Record<string, string> };

export type Provider = {
  url: string;
  requests: ProviderRequest[];
  /** What it answers from now on; null: nothing at all, so that the caller's time runs out. */
  answer: (next: ProviderAnswer | null) => void;
  stop: () => Promise<void>;
};

/** An HTTP provider of any kind: it keeps what it is asked, as it came, and answers what the test says. */
export async function startProvider(first: ProviderAnswer): Promise<Provider> {
  const requests: ProviderRequest[] = [];
  let next: ProviderAnswer | null = first;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk as Buffer);
    }
    const { method = '', url = '', headers } = request;
    requests.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
    if (next) {
      response.writeHead(next.status, next.headers).end(next.body ?? '');
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    answer: (given) => void (next = given),
    stop: () => new Promise((resolve) => (server.closeAllConnections(), server.close(() => resolve()))),
  };
}
