import { css } from '@emotion/css';
import { FieldType, type GrafanaTheme2 } from '@grafana/data';
import type { PanelDataErrorViewProps } from '@grafana/runtime';
import { useStyles2 } from '@grafana/ui';

/** What a panel shows instead of a picture: no data, or data that it cannot draw. */
export function PanelDataErrorView({
  data,
  message,
  fieldConfig,
  needsNumberField,
  needsTimeField,
  needsStringField,
}: PanelDataErrorViewProps) {
  const styles = useStyles2(getStyles);
  const has = (wanted: FieldType) => data.series.some(({ fields }) => fields.some(({ type }) => type === wanted));
  const empty = data.series.every(({ length }) => length === 0);
  const lacks =
    needsTimeField && !has(FieldType.time)
      ? 'a time field'
      : needsNumberField && !has(FieldType.number)
        ? 'a number field'
        : needsStringField && !has(FieldType.string)
          ? 'a text field'
          : null;
  const said =
    message ??
    (empty
      ? (fieldConfig?.defaults.noValue ?? 'No data')
      : lacks
        ? `Data lacks ${lacks}`
        : 'This panel cannot draw the data');
  return <div className={styles.message}>{said}</div>;
}

const getStyles = (theme: GrafanaTheme2) => ({
  message: css({
    display: 'flex',
    alignItems: 'center',
    justifyContent: 'center',
    width: '100%',
    height: '100%',
    color: theme.colors.text.secondary,
    fontSize: theme.typography.h4.fontSize,
  }),
});
