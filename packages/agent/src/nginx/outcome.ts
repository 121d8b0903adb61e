/** Whether a verb did what it says, and what there is to read about it: nginx's own words, else ours. */
export interface Outcome {
  ok: boolean;
  output: string;
  /** The network that was asked about, as nginx reads it. */
  network?: string;
}

/** Parts that are not empty, one below the other. */
export function joinOutput(...parts: string[]): string {
  return parts.filter((part) => part !== '').join('\n');
}
