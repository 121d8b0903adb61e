import { durationMs } from '../../provision/values.ts';

/** Alertmanager joins them with its own folder, or writes them in another form. */
const notCompared = /^(templates|time_intervals)$|_file$/;

/**
 * Paths at which a running configuration is not what was rendered. The running one has every default filled in and its secrets
 * masked, so only what was rendered is compared, and lists by their length too.
 */
export function compareConfig(rendered: unknown, running: unknown, path = ''): string[] {
  if (running === '<secret>' || same(rendered, running)) {
    return [];
  }
  if (Array.isArray(rendered) && Array.isArray(running)) {
    return rendered.length === running.length
      ? rendered.flatMap((one, index) => compareConfig(one, running[index], `${path}[${index}]`))
      : [path];
  }
  if (isRecord(rendered) && isRecord(running)) {
    return Object.entries(rendered)
      .filter(([key]) => !notCompared.test(key))
      .flatMap(([key, value]) => compareConfig(value, running[key], path ? `${path}.${key}` : key));
  }
  return [path];
}

/** What is empty is left out of the running one, and a duration may be written in another way: 24h is 1d. */
function same(rendered: unknown, running: unknown): boolean {
  if (rendered === running || (running === undefined && (rendered === '' || rendered === false || rendered === null))) {
    return true;
  }
  const duration = /^(\d+(ms|[dhms]))+$/;
  return (
    typeof rendered === 'string' &&
    typeof running === 'string' &&
    (rendered.trim() === running.trim() ||
      (duration.test(rendered) && duration.test(running) && durationMs(rendered) === durationMs(running)))
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
