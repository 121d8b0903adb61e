import { SegmentedMessage } from 'sms-segments-calculator';

/**
 * One character outside GSM-7 would halve what fits into a segment: such ones lose their accent, or become `?`. A text in
 * another script than the Latin one would be nothing but these: it stays as it is, and goes out in UCS-2.
 */
export function toGsm(text: string): string {
  const straight = text
    .replace(/[‘’]/g, "'")
    .replace(/[“”]/g, '"')
    .replace(/[–—]/g, '-')
    .replace(/…/g, '...')
    .replace(/≥/g, '>=')
    .replace(/≤/g, '<=');
  const chars = [...straight].map((char) => (isGsm(char) ? char : bare(char)));
  return chars.includes(null) ? straight : chars.join('');
}

/** The character without its accent; `?` for a sign or a Latin letter that has none like it; null for a letter of another script. */
function bare(char: string): string | null {
  const stripped = char.normalize('NFKD').replace(/\p{M}/gu, '');
  if (stripped !== '' && [...stripped].every(isGsm)) {
    return stripped;
  }
  return /\p{L}/u.test(char) && !/\p{Script=Latin}/u.test(char) ? null : '?';
}

function isGsm(char: string): boolean {
  return new SegmentedMessage(char).encodingName === 'GSM-7';
}

/** How many SMS the text makes. */
export function segmentsOf(text: string): number {
  return new SegmentedMessage(text).segmentsCount;
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** The longest beginning of `text` that makes, with `after` behind it, no more than `most` SMS; what is cut off is cut between characters as a reader sees them. */
export function cutToSegments(text: string, most: number, after = ''): string {
  if (segmentsOf(text + after) <= most) {
    return text;
  }
  const chars = [...graphemes.segment(text)].map(({ segment }) => segment);
  const cut = (length: number) => `${chars.slice(0, length).join('').trimEnd()}...`;
  let [fits, tooMany] = [0, chars.length];
  while (tooMany - fits > 1) {
    const middle = Math.floor((fits + tooMany) / 2);
    if (segmentsOf(cut(middle) + after) <= most) {
      fits = middle;
    } else {
      tooMany = middle;
    }
  }
  return cut(fits);
}
