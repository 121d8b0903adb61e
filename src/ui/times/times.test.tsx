import { durationText } from './duration';
import { localAndUtc } from './When';

test.each([
  [0, '0 s'],
  [-5000, '0 s'],
  [89_000, '89 s'],
  [120_000, '2 min'],
  [3_600_000, '1 h'],
  [11_100_000, '3 h 5 min'],
  [187_200_000, '2 d 4 h'],
])('%d ms is %s', (milliseconds, text) => {
  expect(durationText(milliseconds)).toBe(text);
});

test('the date is told when it is not today', () => {
  const now = Date.UTC(2026, 0, 15, 12);
  expect(localAndUtc('2026-01-15T10:00:05.000Z', now).utc).toBe('10:00:05');
  expect(localAndUtc('2026-01-14T10:00:05.000Z', now).utc).toBe('2026-01-14 10:00:05');
});
