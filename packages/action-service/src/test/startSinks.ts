import { createServer as createHttpServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { SmsMessage } from '@dfr-ops/contracts';

export type SmsSink = {
  url: string;
  messages: Array<SmsMessage & { at: Date }>;
  refuse: (status: number | null) => void;
  stop: () => Promise<void>;
};

/** An SMS provider of the test's own: keeps what it takes, once for every reference; `refuse` makes it answer that status. */
export async function startSmsSink(): Promise<SmsSink> {
  const messages: SmsSink['messages'] = [];
  let refused: number | null = null;
  const server = createHttpServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk as Buffer);
    }
    if (refused !== null) {
      return response.writeHead(refused).end('refused by the test');
    }
    const message = SmsMessage.parse(JSON.parse(Buffer.concat(chunks).toString()));
    if (!messages.some(({ reference }) => reference === message.reference)) {
      messages.push({ ...message, at: new Date() });
    }
    response
      .writeHead(202, { 'content-type': 'application/json' })
      .end(JSON.stringify({ id: `p${messages.length}`, status: 'accepted' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    messages,
    refuse: (status) => void (refused = status),
    stop: () => new Promise((resolve) => (server.closeAllConnections(), server.close(() => resolve()))),
  };
}

export type MailSink = { url: string; mails: string[]; stop: () => Promise<void> };

/** As much of SMTP as one mail needs; keeps the raw mails. */
export async function startMailSink(): Promise<MailSink> {
  const mails: string[] = [];
  const server = createTcpServer((socket) => {
    let mail: string | null = null;
    let rest = '';
    const say = (line: string) => socket.write(`${line}\r\n`);
    say('220 sink');
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      rest += chunk.toString();
      for (let end = rest.indexOf('\r\n'); end >= 0; end = rest.indexOf('\r\n')) {
        const line = rest.slice(0, end);
        rest = rest.slice(end + 2);
        if (mail !== null) {
          if (line !== '.') {
            mail += `${line}\n`;
            continue;
          }
          mails.push(mail);
          mail = null;
          say('250 taken');
        } else if (/^DATA/i.test(line)) {
          mail = '';
          say('354 go on');
        } else if (/^QUIT/i.test(line)) {
          say('221 bye');
          socket.end();
        } else {
          say('250 ok');
        }
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
