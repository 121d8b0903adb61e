import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cutToSegments, segmentsOf, toGsm } from './gsmText.ts';
import { alertWords } from './smsText.ts';

test('accents, dashes and quotes become GSM-7; a sign that has no like becomes a question mark', () => {
  assert.equal(toGsm('“Kûwûné” – 5 ≥ 4 … ✓'), '"Kuwuné" - 5 >= 4 ... ?');
});

test('another script is never lost: a text that needs UCS-2 stays as it is', () => {
  assert.equal(toGsm('CRITICAL የኦዶ አገልጋይ – down'), 'CRITICAL የኦዶ አገልጋይ - down');
});

test('what is cut fits, and no character is cut in two: neither pairs, nor joined signs, nor escaped ones of GSM-7', () => {
  const cases = ['€[]{}'.repeat(100), '👩‍👩‍👧‍👦 é'.repeat(60), 'የኦዶ'.repeat(90), `${'x'.repeat(458)}€€`];
  for (const text of cases) {
    const cut = cutToSegments(text, 3);
    assert.ok(segmentsOf(cut) <= 3, `${segmentsOf(cut)}`);
    assert.ok(cut.endsWith('...') && cut.length > 100);
    const kept = cut.slice(0, -3);
    assert.ok(text.startsWith(kept));
    assert.doesNotThrow(() => encodeURIComponent(cut), 'no half of a pair');
    const whole = [...new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text)].map(({ index }) => index);
    assert.ok(whole.includes(kept.length), 'the cut lies between two characters');
    // One character more would not fit, blanks aside: nothing is given away.
    const next = whole.slice(whole.indexOf(kept.length) + 1).find((end) => text.slice(0, end).trimEnd() !== kept)!;
    assert.ok(segmentsOf(`${text.slice(0, next)}...`) > 3);
  }
});

test('what fits is not touched', () => {
  assert.equal(cutToSegments('x'.repeat(459), 3), 'x'.repeat(459));
  assert.notEqual(cutToSegments('x'.repeat(460), 3), 'x'.repeat(460));
});

test('an address stays whole behind a text that is cut, and is left out where it alone is too long', () => {
  const address = `http://127.0.0.1/${'a'.repeat(200)}`;
  const told = alertWords('word '.repeat(200), address);
  assert.ok(told.endsWith(`...\n${address}`) && segmentsOf(told) === 3);
  const without = alertWords('word '.repeat(200), `http://${'a'.repeat(600)}`);
  assert.ok(!without.includes('http') && segmentsOf(without) === 3);
});
