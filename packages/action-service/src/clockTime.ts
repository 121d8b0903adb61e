/** An instant as sentences tell it: `04:41:31 UTC`. Fields keep the whole ISO instant; a person reads the clock. */
export function clockTime(at: Date): string {
  return `${at.toISOString().slice(11, 19)} UTC`;
}
