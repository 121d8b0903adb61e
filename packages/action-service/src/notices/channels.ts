import type { Config } from '../config.ts';
import { createMailServer, type MailServer } from '../connectors/mailServer.ts';
import { createMailSms } from '../connectors/smsByMail.ts';
import { createSmsProvider, type SmsProvider } from '../connectors/smsProvider.ts';
import { createTemplateSms } from '../connectors/smsTemplate.ts';
import { createTwilioSms } from '../connectors/smsTwilio.ts';

/** Channels that an installation has; null: not configured. */
export type Channels = {
  sms: { provider: SmsProvider; from: string; callbackUrl: string } | null;
  mail: MailServer | null;
};

const SMS_TIMEOUT_MS = 6000;
const MAIL_TIMEOUT_MS = 9000;

/** The channels of this installation. `receiptToken`: what a provider that signs nothing brings along with its receipts. */
export function createChannels({ sms, mail, selfUrl }: Config, receiptToken: string): Channels {
  const server =
    mail &&
    createMailServer({ url: mail.smtpUrl, password: mail.password, from: mail.from, timeoutMs: MAIL_TIMEOUT_MS });
  if (!sms) {
    return { sms: null, mail: server };
  }
  const receipts = sms.way.kind === 'twilio' ? 'sms-status' : `sms-delivery?token=${receiptToken}`;
  return {
    sms: { provider: providerOf(sms.way, server), from: sms.from, callbackUrl: `${selfUrl}/hooks/${receipts}` },
    mail: server,
  };
}

function providerOf(way: NonNullable<Config['sms']>['way'], mail: MailServer | null): SmsProvider {
  switch (way.kind) {
    case 'messages':
      return createSmsProvider({ ...way, timeoutMs: SMS_TIMEOUT_MS });
    case 'twilio':
      return createTwilioSms({ ...way, timeoutMs: SMS_TIMEOUT_MS });
    case 'http':
      return createTemplateSms(way.template, SMS_TIMEOUT_MS);
    case 'mail':
      if (!mail) {
        throw new Error('The environment is wrong: MAIL_FROM: is missing, and SMS_PROVIDER=mail needs it.');
      }
      return createMailSms(mail, way.address);
  }
}
