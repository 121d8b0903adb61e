/** A failure told to a person in one message: the part it happened to, the cause, and what to do. */
export class StartProblem extends Error {
  readonly part: string;
  readonly remedy: string;
  readonly logLines: readonly string[];

  constructor(
    part: string,
    cause: string,
    remedy: string,
    options: { logLines?: readonly string[]; error?: unknown } = {}
  ) {
    super(cause, { cause: options.error });
    this.part = part;
    this.remedy = remedy;
    this.logLines = options.logLines ?? [];
  }
}

/** The message as it is printed: part and cause, the last log lines if there are any, the remedy. */
export function describeProblem(error: unknown): string {
  if (!(error instanceof StartProblem)) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return `✗ launcher: an error that it did not foresee.\n${indent(text)}\n  Please report it with these lines.`;
  }
  const cause = error.message.replace(/\.$/, '');
  const log =
    error.logLines.length > 0
      ? `\n  Its last log lines:\n${error.logLines.map((line) => `  │ ${line}`).join('\n')}`
      : '';
  return `✗ ${error.part}: ${cause}.${log}\n  ${error.remedy}`;
}

/** Turns errors of the file system into a problem of the part that met them. */
export function fileProblem(part: string, path: string, error: unknown): StartProblem {
  const code = (error as NodeJS.ErrnoException).code;
  const causes: Record<string, [string, string]> = {
    ENOSPC: [`the disk that holds ${path} is full`, 'Free some space, or choose another folder with --data DIR.'],
    EDQUOT: [`the disk quota for ${path} is used up`, 'Free some space, or choose another folder with --data DIR.'],
    EACCES: [
      `${path} may not be written by this user`,
      'Start as a user who may write there, or choose another folder with --data DIR.',
    ],
    EPERM: [
      `${path} may not be written by this user`,
      'Start as a user who may write there, or choose another folder with --data DIR.',
    ],
    EROFS: [`${path} is on a read-only file system`, 'Choose another folder with --data DIR.'],
    ENOTDIR: [`${path} is below something that is not a folder`, 'Choose another folder with --data DIR.'],
    EEXIST: [`${path} is not a folder`, 'Choose another folder with --data DIR.'],
  };
  const [cause, remedy] = causes[code ?? ''] ?? [
    `${path}: ${(error as Error).message}`,
    'Check the folder, or choose another one with --data DIR.',
  ];
  return new StartProblem(part, cause, remedy, { error });
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
}
