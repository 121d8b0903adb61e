import { parseArgs } from 'node:util';
import { z } from 'zod';
import { SmsMessage } from '@dfr-ops/contracts';

export const usage = `Usage: npm run doctor [-- flags]

Looks at everything that watches and acts, and says ok, warning or failed with the remedy. Nothing is sent to anybody
unless you ask. Ends with 0 (warnings too), 1 when something failed, 2 when called wrongly.

  --mode native|compose|values   the stack of npm start, the containers of docker compose, or servers of
                                 your own at the addresses of provisioning/values.
                                 Default: native where one runs, else compose where it is prepared
  --data DIR                     native: the data folder of that start
  --profile production|demo      values: whose values. Default: production
  --secrets DIR                  values: folder with the secret files, by their names in the values
  --config DIR                   values: the folder that the servers were given. Default: what the values render now
  --send-mail ADDRESS            really send two mails there: by Alertmanager, and by the action service
  --send-sms NUMBER              really send an SMS there, e.g. +23276123456
  --json                         the same as data`;

export interface DoctorOptions {
  help: boolean;
  json: boolean;
  mode: 'native' | 'compose' | 'values' | null;
  profile: 'production' | 'demo';
  data?: string | undefined;
  secrets?: string | undefined;
  config?: string | undefined;
  mail: string | null;
  sms: string | null;
}

/** What is wrong with how the command was called. */
export class WrongCall extends Error {}

const flag = { type: 'boolean', default: false } as const;
const text = { type: 'string' } as const;

/** Throws WrongCall. */
export function readDoctorOptions(args: string[]): DoctorOptions {
  const values = parse(args);
  const oneOf = <Name extends string>(
    name: string,
    given: string | undefined,
    allowed: readonly Name[]
  ): Name | null => {
    if (given !== undefined && !allowed.includes(given as Name)) {
      throw new WrongCall(`--${name} is ${allowed.join(' or ')}, not ${given}.`);
    }
    return (given as Name | undefined) ?? null;
  };
  const mail = values['send-mail'] ?? null;
  const sms = values['send-sms'] ?? null;
  if (mail !== null && !z.email().safeParse(mail).success) {
    throw new WrongCall(`--send-mail wants an email address, not ${mail}.`);
  }
  if (sms !== null && !SmsMessage.shape.to.safeParse(sms).success) {
    throw new WrongCall(`--send-sms wants a number with its country, e.g. +23276123456, not ${sms}.`);
  }
  return {
    help: values.help,
    json: values.json,
    mode: oneOf('mode', values.mode, ['native', 'compose', 'values']),
    profile: oneOf('profile', values.profile, ['production', 'demo']) ?? 'production',
    data: values.data,
    secrets: values.secrets,
    config: values.config,
    mail,
    sms,
  };
}

function parse(args: string[]) {
  const options = { help: flag, json: flag, 'no-install': flag, mode: text, profile: text, data: text, secrets: text, config: text, 'send-mail': text, 'send-sms': text } as const; // prettier-ignore
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new WrongCall((error as Error).message);
  }
}
