import { z } from 'zod';
import { listen, parseEnvironment } from '../config/fields.ts';

const Environment = z.object({
  MAIL_SINK_SMTP_LISTEN: listen,
  MAIL_SINK_HTTP_LISTEN: listen,
  MAIL_SINK_DIR: z.string(),
});

export type Config = ReturnType<typeof readConfig>;

export function readConfig(environment: Record<string, string | undefined> = process.env) {
  const env = parseEnvironment(Environment, environment);
  return { smtp: env.MAIL_SINK_SMTP_LISTEN, http: env.MAIL_SINK_HTTP_LISTEN, folder: env.MAIL_SINK_DIR };
}
