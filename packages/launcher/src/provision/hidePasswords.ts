const hidden = '(not shown)';

/**
 * A configuration without what must not be printed: hashes of passwords, and passwords that somebody wrote into it by hand.
 * Names of files that hold secrets stay.
 */
export function hidePasswords(text: string): string {
  return text
    .replace(/\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}/g, hidden)
    .replace(
      /((?:password|passwd|secret|token|credentials|api_?key)["']?[ \t]*[:=][ \t]*)(?!["']?\$__file\{)(?!["']?\(not shown\))[^\s#,}][^\n,}]*/gi,
      `$1${hidden}`
    )
    .replace(/(password\s+')[^']+(')/gi, `$1${hidden}$2`)
    .replace(/(:\/\/[^\s:@/]+:)[^\s@/]+@/g, `$1${hidden}@`);
}
