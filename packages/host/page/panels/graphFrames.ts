import { type DataFrame, FieldType, applyNullInsertThreshold } from '@grafana/data';

/** The frames that a graph can draw, each with a time field first and a number field; null when there is none. */
export function graphFrames(series: DataFrame[]): DataFrame[] | null {
  const drawable = series
    .filter(
      ({ fields }) =>
        fields.some(({ type }) => type === FieldType.time) && fields.some(({ type }) => type === FieldType.number)
    )
    .map((frame) => ({ ...frame, fields: [...frame.fields].sort(timeFirst) }))
    .map((frame) => applyNullInsertThreshold({ frame }));
  return drawable.length > 0 ? drawable : null;
}

const timeFirst = (left: { type: FieldType }, right: { type: FieldType }) =>
  Number(right.type === FieldType.time) - Number(left.type === FieldType.time);
