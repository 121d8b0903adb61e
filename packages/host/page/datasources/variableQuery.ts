/** A dashboard variable's query: the text, or the object that Grafana's editors save. */
export type VariableQuery = string | { query: string };

export type ParsedVariableQuery =
  | { kind: 'label_values'; label: string; selector: string | null }
  | { kind: 'label_names' }
  | { kind: 'metrics'; pattern: string }
  | { kind: 'query_result'; expr: string };

/** Reads `label_values(metric{…}, label)`, `label_names()`, `metrics(regex)`, `query_result(expr)`. Throws on anything else. */
export function parseVariableQuery(text: string): ParsedVariableQuery {
  const trimmed = text.trim();
  const values = /^label_values\((?:(.+),)?\s*([a-zA-Z_]\w*)\s*\)$/s.exec(trimmed);
  if (values) {
    return { kind: 'label_values', label: values[2] as string, selector: values[1]?.trim() ?? null };
  }
  if (/^label_names\(\s*\)$/.test(trimmed)) {
    return { kind: 'label_names' };
  }
  const metrics = /^metrics\((.*)\)$/s.exec(trimmed);
  if (metrics) {
    return { kind: 'metrics', pattern: (metrics[1] as string).trim() };
  }
  const result = /^query_result\((.+)\)$/s.exec(trimmed);
  if (result) {
    return { kind: 'query_result', expr: (result[1] as string).trim() };
  }
  throw new Error(`The stand-in host cannot read the variable query "${trimmed}". Use label_values(metric, label).`);
}
