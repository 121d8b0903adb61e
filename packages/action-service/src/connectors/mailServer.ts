import nodemailer from 'nodemailer';

export type Mail = {
  to: string;
  subject: string;
  text: string;
  html?: string;
  /** Becomes the Message-ID, so that a repeat is known as one. */ reference: string;
};

/** A mail that the server did not take. `permanent` (SMTP 5xx): sending it again would change nothing. */
export class MailError extends Error {
  permanent: boolean;
  constructor(message: string, permanent: boolean, options?: ErrorOptions) {
    super(message, options);
    this.permanent = permanent;
  }
}

/** Hands mails to an SMTP server. Resolving means: the server has taken responsibility for it. */
export type MailServer = { send: (mail: Mail) => Promise<void>; close: () => void };

/** `password` goes before one in the url. */
export function createMailServer(options: {
  url: string;
  password: string | null;
  from: string;
  timeoutMs: number;
}): MailServer {
  const limits = {
    connectionTimeout: options.timeoutMs,
    greetingTimeout: options.timeoutMs,
    socketTimeout: options.timeoutMs,
  };
  const url = new URL(options.url);
  const transport = nodemailer.createTransport({
    host: url.hostname,
    port: Number(url.port || (url.protocol === 'smtps:' ? 465 : 25)),
    secure: url.protocol === 'smtps:',
    ignoreTLS: url.protocol === 'smtp:' && isLoopback(url.hostname),
    ...(url.username
      ? { auth: { user: decodeURIComponent(url.username), pass: options.password ?? decodeURIComponent(url.password) } }
      : {}),
    ...limits,
  });
  return {
    async send({ reference, ...mail }) {
      try {
        await transport.sendMail({ ...mail, from: options.from, messageId: `<${reference}@dfr-ops>` });
      } catch (error) {
        const code = error instanceof Error && 'responseCode' in error ? Number(error.responseCode) : 0;
        const why = error instanceof Error ? error.message : String(error);
        throw new MailError(`The mail server did not take the mail (${why}).`, code >= 500, { cause: error });
      }
    },
    close: () => transport.close(),
  };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || host.startsWith('127.');
}
