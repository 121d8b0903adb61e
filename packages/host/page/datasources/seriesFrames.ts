import { type DataFrame, DataFrameType, FieldType, type Labels, createDataFrame } from '@grafana/data';

/** An element of a matrix or vector as Prometheus and Loki answer it: seconds and decimal texts. */
export interface Series {
  metric: Labels;
  values?: Array<[number, string]>;
  value?: [number, string];
}

export interface SeriesQuery {
  refId: string;
  legendFormat?: string;
  expr: string;
}

/** One frame a series, with the name that the query's legend gives it. */
export function seriesFrames(results: Series[], query: SeriesQuery): DataFrame[] {
  return results.map((series) => {
    const points = series.values ?? (series.value ? [series.value] : []);
    return createDataFrame({
      refId: query.refId,
      meta: { type: DataFrameType.TimeSeriesMulti, executedQueryString: query.expr },
      fields: [
        { name: 'Time', type: FieldType.time, values: points.map(([seconds]) => seconds * 1000), config: {} },
        {
          name: 'Value',
          type: FieldType.number,
          labels: series.metric,
          values: points.map(([, value]) => toNumber(value)),
          config: { displayNameFromDS: seriesName(series.metric, query, results) },
        },
      ],
    });
  });
}

/** One frame for a vector: a row a series, a column a label, as Grafana's table format. */
export function tableFrame(results: Series[], query: SeriesQuery, valueName: string): DataFrame {
  const rows = results.flatMap(({ metric, value, values = [] }) =>
    (value ? [value] : values).map((point) => ({ metric, point }))
  );
  const labels = [...new Set(results.flatMap(({ metric }) => Object.keys(metric)))].sort();
  return createDataFrame({
    refId: query.refId,
    meta: { preferredVisualisationType: 'table', executedQueryString: query.expr },
    fields: [
      { name: 'Time', type: FieldType.time, values: rows.map(({ point }) => point[0] * 1000), config: {} },
      ...labels.map((label) => ({
        name: label,
        type: FieldType.string,
        values: rows.map(({ metric }) => metric[label] ?? ''),
        config: { filterable: true },
      })),
      { name: valueName, type: FieldType.number, values: rows.map(({ point }) => toNumber(point[1])), config: {} },
    ],
  });
}

/** `NaN` and the infinities come as words. */
export function toNumber(text: string): number {
  return text === '+Inf' ? Infinity : text === '-Inf' ? -Infinity : Number(text);
}

function seriesName(metric: Labels, { legendFormat = '', expr }: SeriesQuery, results: Series[]): string {
  if (legendFormat !== '' && legendFormat !== '__auto') {
    return legendFormat.replace(/\{\{\s*(\S+?)\s*\}\}/g, (_whole, label: string) => metric[label] ?? '');
  }
  const telling = legendFormat === '__auto' ? tellingLabels(results) : [];
  if (telling.length === 1) {
    return metric[telling[0] as string] ?? '';
  }
  const { __name__: name = '', ...labels } = metric;
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return pairs.length > 0 ? `${name}{${pairs.join(', ')}}` : name || expr;
}

/** Labels in which the series differ. */
function tellingLabels(results: Series[]): string[] {
  const labels = [...new Set(results.flatMap(({ metric }) => Object.keys(metric)))];
  return labels.filter((label) => label !== '__name__' && new Set(results.map(({ metric }) => metric[label])).size > 1);
}
