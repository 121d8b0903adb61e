/**
 * What a log line may hold that nobody should read there. Whatever a group matches is replaced; case does not matter.
 * The patterns are RE2's as well: provisioning/alloy/config.alloy holds the same ones, in the same order.
 */
export const secretPatterns: readonly string[] = [
  // Authorization: Basic …, of any scheme.
  String.raw`\bauthorization\\*["']?\s*[:=]\s*\\*["']?(?:(?:basic|bearer|token|negotiate)\s+([^\s"',;\\]+)|(digest\s.*)|([^\s"',;\\]+))`,
  // Long enough that "bearer token expired" stays readable.
  String.raw`\bbearer\s+([\w.~+/=-]{16,})`,
  // Cookie and Set-Cookie: the whole value, since any of its parts may be the session.
  String.raw`\bcookie\\*["']?\s*[:=]\s*(?:"([^"]*)"|'([^']*)'|([^"'\r\n]+))`,
  // password=…, "api_key": "…", ?access_token=…, also within JSON in a string.
  String.raw`(?:password|passwd|passphrase|pwd|secret|token|(?:api|access|private)[_-]?key|session[_-]?id)\\*["']?\s*[:=]\s*(?:\\+["']([^"'\\]*)|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^\s"'&,;)}\]\\]+))`,
  // ALTER ROLE … PASSWORD '…'
  String.raw`\bpassword\s+e?'((?:[^']|'')*)'`,
  // postgres://role:password@host
  String.raw`\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@]{0,200}:([^\s/@]{1,500})@`,
  // A JSON Web Token, wherever it stands.
  String.raw`\b(eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*)`,
];

const compiled = secretPatterns.map((pattern) => new RegExp(pattern, 'gid'));

/** The text with every secret in it replaced by `***`. */
export function hideSecrets(text: string): string {
  return compiled.reduce(hideMatches, text);
}

function hideMatches(text: string, pattern: RegExp): string {
  let hidden = '';
  let from = 0;
  for (const { indices } of text.matchAll(pattern)) {
    for (const group of indices?.slice(1) ?? []) {
      if (group) {
        hidden += `${text.slice(from, group[0])}***`;
        from = group[1];
      }
    }
  }
  return hidden + text.slice(from);
}
