import type { Labels } from '@dfr-ops/contracts';

/** Units of Grafana that our rules use, as short as an SMS wants them. */
const SUFFIX: Record<string, string> = {
  percent: '%',
  s: ' s',
  ms: ' ms',
  bytes: ' B',
  reqps: ' req/s',
  ops: ' ops/s',
  d: ' d',
  h: ' h',
  m: ' min',
  cps: ' a second',
};
const BYTES = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** What the rule itself says of its value (annotation `value`, e.g. "94% of connections", "no answer"), else the number with its unit. */
export function valueInWords(value: number | null, annotations: Labels): string {
  return annotations.value || formatValue(value, annotations.signal_unit);
}

/** A value with its unit for a person, e.g. `93.8%`, `2.41 s`, `12`; "unknown" where there is none. */
export function formatValue(value: number | null, unit: string | undefined): string {
  if (value === null || !Number.isFinite(value)) {
    return 'unknown';
  }
  if (unit?.startsWith('bool')) {
    return value === 0 ? 'no' : 'yes';
  }
  if (unit === 'percentunit') {
    return `${round(value * 100)}%`;
  }
  if (unit === 'bytes') {
    const step = Math.min(BYTES.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, Math.abs(value))) / 10)));
    return `${round(value / 1024 ** step)} ${BYTES[step]}`;
  }
  return `${round(value)}${SUFFIX[unit ?? ''] ?? (unit && unit !== 'short' && unit !== 'none' ? ` ${unit}` : '')}`;
}

function round(value: number): string {
  return String(Number(value.toPrecision(Math.abs(value) >= 100 ? Math.ceil(Math.log10(Math.abs(value) + 1)) : 3)));
}

/** e.g. `28 Jul 03:14:07 UTC` */
export function formatInstant(ms: number): string {
  const [, day, month, , time] = new Date(ms).toUTCString().split(' ');
  return `${Number(day)} ${month} ${time} UTC`;
}

/** e.g. `42 s`, `12 min`, `3 h 05 min`, `2 d 4 h` */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) {
    return `${seconds} s`;
  }
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) {
    return `${minutes} min`;
  }
  const hours = Math.floor(minutes / 60);
  return hours < 48
    ? `${hours} h ${String(minutes % 60).padStart(2, '0')} min`
    : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
