import { pino, type DestinationStream, type Logger } from 'pino';

const hidden = '[hidden]';
/** Names of settings whose value no line may have. */
const secretName = /secret|password|token|key$/i;
/** Secrets that are not settings: credentials in addresses and headers, identity tokens, tokens in queries. */
const secretForms: Array<[RegExp, string]> = [
  [/(\w+:\/\/)[^\s/"\\@]*:[^\s/"\\@]*@/g, `$1${hidden}@`],
  [/\b(Bearer|Basic|Digest)( |%20)[\w.~+/=-]+/gi, `$1$2${hidden}`],
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, hidden],
  [/([?&](?:token|password|secret)=)[^&\s"\\]+/gi, `$1${hidden}`],
];
const hiddenFields = ['headers', 'authorization', 'password', 'token', 'secret', 'cookie'];

/**
 * The service's log: one JSON object a line. Whatever an error or a library brings along, no line has a secret of `config`, nor
 * anything that has the form of one.
 */
export function createLog(config: object, destination?: DestinationStream): Logger {
  const secrets = secretsOf(config);
  const paths = hiddenFields.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
  const options = {
    name: 'action-service',
    redact: { paths, censor: hidden },
    hooks: { streamWrite: (line: string) => hide(line, secrets) },
  };
  return destination ? pino(options, destination) : pino(options);
}

function hide(line: string, secrets: readonly string[]): string {
  const known = secrets.reduce((text, secret) => text.replaceAll(secret, hidden), line);
  return secretForms.reduce((text, [form, instead]) => text.replace(form, instead), known);
}

/** Values of the settings that are secret, as they may stand in a line, the longest first. */
function secretsOf(config: object): string[] {
  const found = new Set<string>();
  const look = (part: unknown, name: string) => {
    if (typeof part === 'object' && part !== null) {
      Object.entries(part).forEach(([key, value]) => look(value, key));
    } else if (typeof part === 'string') {
      const secret = secretName.test(name) ? part : passwordOf(part);
      // One of three letters stands in every other word.
      if (secret.length > 3) {
        found.add(JSON.stringify(secret).slice(1, -1)).add(encodeURIComponent(secret));
      }
    }
  };
  look(config, '');
  return [...found].sort((a, b) => b.length - a.length);
}

function passwordOf(text: string): string {
  try {
    return text.includes('://') ? decodeURIComponent(new URL(text).password) : '';
  } catch {
    return '';
  }
}
