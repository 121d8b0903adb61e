import { MailError, type MailServer } from './mailServer.ts';
import { SmsError } from './smsError.ts';
import type { SmsProvider } from './smsProvider.ts';

/** Sends by a gateway that makes SMS of mails: one to `address`, in which `{number}` stands for the number without its plus. */
export function createMailSms(mail: Pick<MailServer, 'send'>, address: string): SmsProvider {
  return {
    async send({ to, text, reference }) {
      const recipient = address.replaceAll('{number}', to.replace('+', '')).replaceAll('{to}', to);
      try {
        // Some gateways put the subject before the text: it is left empty.
        await mail.send({ to: recipient, subject: '', text, reference: reference.replace(/[^\w.-]/g, '.') });
      } catch (error) {
        if (error instanceof MailError) {
          throw new SmsError(`The gateway took no SMS: ${error.message}`, error.permanent, { cause: error });
        }
        throw error;
      }
      return { id: reference };
    },
  };
}
