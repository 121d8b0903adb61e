import type { Bundle } from './readBundle.ts';

/** Something in the bundle that Grafana, its catalogue or a reader would stumble over. */
export interface Finding {
  /** File in the bundle, from its root. */
  file: string;
  /** What is wrong, without a full stop. */
  cause: string;
  /** What to do, as a sentence. */
  remedy: string;
}

/** What the bundle is held against, from outside of it. */
export interface Expected {
  /** Version of package.json: the one place where it is written. */
  version: string;
}

export type Rule = (bundle: Bundle, expected: Expected) => Finding[];
