/** What Grafana's Explore addresses say: the first pane's datasource, query and time. */
export interface ExploreQuery {
  datasource: string;
  expr: string;
  from: string;
  to: string;
}

interface Pane {
  datasource?: string;
  queries?: Array<{ expr?: string; datasource?: { uid?: string } }>;
  range?: { from?: string; to?: string };
}

/** Reads `?panes={…}` or the older `?left={…}`; null when there is no query in it. */
export function readExploreQuery(search: string): ExploreQuery | null {
  const params = new URLSearchParams(search);
  const pane = firstPane(params.get('panes')) ?? readJson<Pane>(params.get('left'));
  const query = pane?.queries?.find(({ expr }) => expr);
  if (!pane || !query?.expr) {
    return null;
  }
  return {
    datasource: query.datasource?.uid ?? pane.datasource ?? '',
    expr: query.expr,
    from: pane.range?.from ?? 'now-1h',
    to: pane.range?.to ?? 'now',
  };
}

function firstPane(text: string | null): Pane | undefined {
  return Object.values(readJson<Record<string, Pane>>(text) ?? {})[0];
}

function readJson<T extends object>(text: string | null): T | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return typeof value === 'object' && value !== null ? (value as T) : undefined;
  } catch {
    return undefined;
  }
}
