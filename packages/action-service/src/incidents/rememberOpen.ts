import type { Queryable } from '../store/pool.ts';
import type { IncidentRow } from './incidentRow.ts';
import { openIncidents } from './readIncidents.ts';

/**
 * The open incidents for whoever only looks: read anew when a moment was written since, or when `round` is another object than
 * before, else the same array. Thousands of rows at every look of every panel would be the store's chief work. While the store is
 * down, those known last.
 */
export function rememberOpen(store: Queryable): (round: object | null) => Promise<IncidentRow[]> {
  let known: { round: object | null; newest: number | null; rows: IncidentRow[] } = {
    round: null,
    newest: null,
    rows: [],
  };
  let read = false;
  return async (round) => {
    try {
      const { rows: found } = await store.query('SELECT max(seq) AS newest FROM moments');
      const newest = found[0].newest as number | null;
      if (!read || known.round !== round || known.newest !== newest) {
        known = { round, newest, rows: await openIncidents(store) };
        read = true;
      }
    } catch {
      read = false;
    }
    return known.rows;
  };
}
