import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { unknownPlaceholders, type SmsTemplate } from './connectors/smsTemplate.ts';

/** By which way SMS go out. */
export type SmsWay =
  | { kind: 'messages'; url: string; token: string }
  | { kind: 'twilio'; url: string; account: string; token: string }
  | { kind: 'http'; template: SmsTemplate }
  | { kind: 'mail'; address: string };

/** Variables of the environment that say by which way, as config.ts has checked them. */
export type SmsVariables = {
  SMS_PROVIDER: SmsWay['kind'];
  SMS_PROVIDER_URL?: string | undefined;
  SMS_PROVIDER_ACCOUNT?: string | undefined;
  SMS_PROVIDER_TOKEN_FILE?: string | undefined;
  SMS_HTTP_FILE?: string | undefined;
  SMS_MAIL_ADDRESS?: string | undefined;
  SMTP_URL?: string | undefined;
};

const TWILIO_URL = 'https://api.twilio.com';

/** The way that the variables describe; null: none is wanted. Throws an Error that names what is missing. */
export function smsWay(env: SmsVariables): SmsWay | null {
  const { SMS_PROVIDER_URL: url, SMS_PROVIDER_ACCOUNT: account, SMS_PROVIDER_TOKEN_FILE: token } = env;
  switch (env.SMS_PROVIDER) {
    case 'messages':
      return url ? { kind: 'messages', url: url.replace(/\/+$/, ''), token: token ?? '' } : null;
    case 'twilio':
      return {
        kind: 'twilio',
        url: (url ?? TWILIO_URL).replace(/\/+$/, ''),
        account: wanted(account, 'SMS_PROVIDER_ACCOUNT', 'twilio'),
        token: wanted(token, 'SMS_PROVIDER_TOKEN_FILE', 'twilio'),
      };
    case 'http':
      return { kind: 'http', template: readTemplate(wanted(env.SMS_HTTP_FILE, 'SMS_HTTP_FILE', 'http')) };
    case 'mail':
      wanted(env.SMTP_URL, 'SMTP_URL', 'mail');
      return { kind: 'mail', address: wanted(env.SMS_MAIL_ADDRESS, 'SMS_MAIL_ADDRESS', 'mail') };
  }
}

function wanted(value: string | undefined, name: string, kind: string): string {
  if (value) {
    return value;
  }
  throw new Error(`The environment is wrong: ${name}: is missing, and SMS_PROVIDER=${kind} needs it.`);
}

const TemplateFile = z.strictObject({
  method: z.enum(['GET', 'POST', 'PUT']).default('POST'),
  url: z.string().regex(/^https?:\/\//, 'must begin with http:// or https://'),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.string().nullable().default(null),
  /** Names of secrets and the files that hold them. */
  secrets: z.record(z.string().regex(/^\w+$/), z.string()).default({}),
  id: z.string().nullable().default(null),
});

/** Reads the request that SMS_HTTP_FILE describes in YAML, with the secrets from their files. Throws an Error that says what is wrong with it. */
export function readTemplate(path: string): SmsTemplate {
  try {
    const file = TemplateFile.parse(parse(readFileSync(path, 'utf8')));
    const secrets = Object.entries(file.secrets).map(([name, at]) => [name, readFileSync(at, 'utf8').trim()]);
    const template: SmsTemplate = { ...file, secrets: Object.fromEntries(secrets) as Record<string, string> };
    const unknown = unknownPlaceholders(template);
    if (unknown.length > 0) {
      throw new Error(`{${unknown.join('}, {')}} stands for nothing`);
    }
    if (template.method === 'GET' && template.body !== null) {
      throw new Error('a GET has no body');
    }
    return template;
  } catch (error) {
    const why = error instanceof z.ZodError ? inWords(error) : (error as Error).message;
    throw new Error(`The environment is wrong: SMS_HTTP_FILE: ${path} is of no use (${why}).`, { cause: error });
  }
}

function inWords({ issues }: z.ZodError): string {
  return issues.map((issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`).join('; ');
}
