import type { SMTPServer } from 'smtp-server';
import type { Listen } from '../config/fields.ts';
import { buildApp } from './app.ts';
import type { Config } from './config.ts';
import { openMailbox } from './mailbox.ts';
import { createSmtp } from './smtp.ts';

/** Starts SMTP and HTTP. Port 0 takes a free one; the answer says which. */
export async function startMailSink(config: Config, options = { log: true }) {
  const mailbox = openMailbox(config.folder);
  const { app, refusal } = buildApp(mailbox, options);
  const smtp = createSmtp(
    mailbox,
    (mail) => app.log.info({ id: mail.id, to: mail.to, subject: mail.subject }, 'mail kept'),
    refusal
  );
  smtp.on('error', (error) => app.log.warn({ err: error }, 'SMTP'));
  const smtpPort = await listenSmtp(smtp, config.smtp);
  const httpUrl = await app.listen(config.http);
  const stop = async () => {
    await Promise.all([app.close(), new Promise<void>((done) => smtp.close(() => done()))]);
  };
  return { smtpPort, httpUrl, stop };
}

function listenSmtp(smtp: SMTPServer, { host, port }: Listen): Promise<number> {
  return new Promise((resolve, reject) => {
    smtp.server.once('error', reject);
    smtp.listen(port, host, () => {
      smtp.server.off('error', reject);
      resolve((smtp.server.address() as { port: number }).port);
    });
  });
}
