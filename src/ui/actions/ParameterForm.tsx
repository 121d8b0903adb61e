import React from 'react';
import type { UseFormReturn } from 'react-hook-form';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import type { ParameterSpec } from '@dfr-ops/contracts';
import { ParameterField } from './ParameterField';
import { checkValue, initialValues, valueText, type FormValues } from './parameterRules';

type Props = {
  specs: ParameterSpec[];
  form: UseFormReturn<FormValues>;
  onEdited: () => void;
  /** Folds what the service suggests into a line, so that Preview is in sight; not what must be chosen or is wrong. */
  brief: boolean;
};

/** The fields of an action. */
export function ParameterForm({ specs, form, onEdited, brief }: Props) {
  const styles = useStyles2(getStyles);
  const fields = specs.map((spec) => <ParameterField key={spec.name} spec={spec} form={form} onEdited={onEdited} />);
  if (!brief || specs.length === 0) {
    return <>{fields}</>;
  }
  const suggested = initialValues(specs);
  const complete = specs.every((spec) => checkValue(spec, suggested[spec.name]) === true);
  const wrong = Object.keys(form.formState.errors).length > 0;
  const values = form.watch();
  const line = specs.map((spec) => `${spec.title} ${valueText(spec, values[spec.name])}`).join(' · ');
  return (
    <details open={!complete || wrong} className={styles.fold}>
      <summary>{complete ? `Settings: ${line}` : 'Settings'}</summary>
      <div className={styles.fields}>{fields}</div>
    </details>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  fold: css({
    '& > summary': {
      display: 'list-item',
      cursor: 'pointer',
      minHeight: 44,
      padding: theme.spacing(0.5, 0),
      color: theme.colors.text.secondary,
      overflowWrap: 'anywhere',
    },
  }),
  fields: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1.5) }),
});
