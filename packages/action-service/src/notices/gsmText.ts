import { SegmentedMessage } from 'sms-segments-calculator';

/** One character outside GSM-7 would halve what fits into a segment: such ones lose their accent, or become `?`. */
export function toGsm(text: string): string {
  const straight = text
    .replace(/[‘’]/g, "'")
    .replace(/[“”]/g, '"')
    .replace(/[–—]/g, '-')
    .replace(/…/g, '...')
    .replace(/≥/g, '>=')
    .replace(/≤/g, '<=');
  return [...straight].map((char) => (isGsm(char) ? char : bare(char))).join('');
}

function bare(char: string): string {
  const stripped = char.normalize('NFKD').replace(/\p{M}/gu, '');
  return stripped !== '' && [...stripped].every(isGsm) ? stripped : '?';
}

function isGsm(char: string): boolean {
  return new SegmentedMessage(char).encodingName === 'GSM-7';
}

/** How many SMS the text makes. */
export function segmentsOf(text: string): number {
  return new SegmentedMessage(text).segmentsCount;
}
