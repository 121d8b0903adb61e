import { z } from 'zod';
import { listen, parseEnvironment, secretFile } from '../config/fields.ts';

const Environment = z.object({ SMS_SINK_LISTEN: listen, SMS_SINK_TOKEN_FILE: secretFile, SMS_SINK_DIR: z.string() });

export type Config = ReturnType<typeof readConfig>;

export function readConfig(environment: Record<string, string | undefined> = process.env) {
  const env = parseEnvironment(Environment, environment);
  return { listen: env.SMS_SINK_LISTEN, token: env.SMS_SINK_TOKEN_FILE, folder: env.SMS_SINK_DIR };
}
