import type { DoctorCheck } from '@dfr-ops/contracts';

/** What one check found. `remedy` says what to do; null while ok. */
export type Finding = DoctorCheck;

export interface Check {
  name: string;
  /** May throw: that is a failure with the error's words. */
  look: () => Promise<Finding | Finding[]>;
  /** What to do when it throws or does not answer in time. */
  remedy: string;
  deadlineMs?: number;
}

export interface Group {
  title: string;
  checks: Check[];
}

export interface Examined {
  title: string;
  findings: Finding[];
}

/** Something that a check needs is not there: it cannot be made, which is a warning and no failure. */
export class NotChecked extends Error {
  readonly remedy: string;
  constructor(why: string, remedy: string) {
    super(why);
    this.remedy = remedy;
  }
}

const deadlineMs = 5000;

export const ok = (name: string, text: string): Finding => ({ name, state: 'ok', text, remedy: null });
export const warning = (name: string, text: string, remedy: string): Finding => ({
  name,
  state: 'warning',
  text,
  remedy,
});
export const failed = (name: string, text: string, remedy: string): Finding => ({
  name,
  state: 'failed',
  text,
  remedy,
});

/** Makes all checks at the same time, each with its deadline. Never throws. */
export function examine(groups: readonly Group[]): Promise<Examined[]> {
  return Promise.all(
    groups.map(async ({ title, checks }) => ({ title, findings: (await Promise.all(checks.map(make))).flat() }))
  );
}

async function make(check: Check): Promise<Finding[]> {
  const limit = check.deadlineMs ?? deadlineMs;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${limit / 1000} s`)), limit);
  });
  try {
    return [await Promise.race([check.look(), late])].flat();
  } catch (error) {
    if (error instanceof NotChecked) {
      return [warning(check.name, `Not checked, because ${error.message}.`, error.remedy)];
    }
    return [failed(check.name, `${(error as Error).message.replace(/\.$/, '')}.`, check.remedy)];
  } finally {
    clearTimeout(timer);
  }
}
