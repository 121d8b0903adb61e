import path from 'node:path';

/**
 * The path behind `…/proxy/uid/<uid>/` with `.`, `..` and double slashes resolved, still percent-encoded, without a
 * leading slash. `read/../act` is `act`: what is matched is what is sent. Null where an encoded slash, backslash, dot
 * segment or control character would make the server behind read another path than the one that was matched.
 */
export function cleanPath(raw: string): string | null {
  if (/%(2f|5c|25|0|1|7f)/i.test(raw) || raw.includes('\\')) {
    return null;
  }
  const undotted = raw.replace(/%2e/gi, '.');
  const cleaned = path.posix.normalize(`/${undotted}`).slice(1);
  return cleaned.replace(/\/$/, '');
}
