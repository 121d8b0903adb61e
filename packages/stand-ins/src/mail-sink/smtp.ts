import { simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import type { Refusal } from '../http/refusal.ts';
import type { Mail, Mailbox } from './mailbox.ts';

const MOST_BYTES = 5 * 1024 * 1024;

/** An SMTP server that keeps what it takes and sends nothing on. Takes mail from this machine only, without login or TLS. */
export function createSmtp(mailbox: Mailbox, onMail: (mail: Mail) => void, refusal: Refusal): SMTPServer {
  return new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    banner: 'DFR Ops mail sink: nothing is sent on',
    size: MOST_BYTES,
    closeTimeout: 500,
    onConnect: (session, done) =>
      isLoopback(session.remoteAddress) ? done() : done(refusalReply(554, 'mail from this machine only')),
    onMailFrom: (_address, _session, done) =>
      done(refusal.active() ? refusalReply(451, 'it takes no mail for a while, as it was told to') : undefined),
    onData: (stream, session, done) => {
      take(stream, session, mailbox).then(
        (mail) => {
          onMail(mail);
          done(null, `kept as ${mail.id}`);
        },
        (error: Error) => done(error)
      );
    },
  });
}

async function take(stream: SMTPServerDataStream, session: SMTPServerSession, mailbox: Mailbox): Promise<Mail> {
  const parsed = await simpleParser(stream, { skipImageLinks: true });
  if (stream.sizeExceeded) {
    throw refusalReply(552, `the message is larger than ${MOST_BYTES} bytes`);
  }
  const { mailFrom, rcptTo } = session.envelope;
  return mailbox.put({
    from: mailFrom ? mailFrom.address : '',
    to: rcptTo.map((recipient) => recipient.address),
    subject: parsed.subject ?? '',
    text: parsed.text ?? '',
    html: parsed.html || '',
  });
}

export function isLoopback(address: string): boolean {
  return /^(::ffff:)?127\./.test(address) || address === '::1';
}

function refusalReply(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}
