import React from 'react';
import { Controller, type UseFormReturn } from 'react-hook-form';
import { Combobox, Field, Input, Switch } from '@grafana/ui';
import type { ParameterSpec } from '@dfr-ops/contracts';
import { boundsText, checkValue, type FormValues } from './parameterRules';

type Props = {
  spec: ParameterSpec;
  form: UseFormReturn<FormValues>;
  /** A value was changed: what was previewed no longer holds. */
  onEdited: () => void;
};

/** One field of an action's form, as its specification says. */
export function ParameterField({ spec, form, onEdited }: Props) {
  const error = form.formState.errors[spec.name]?.message;
  const id = `dfr-parameter-${spec.name}`;
  const bounds = spec.type === 'integer' ? boundsText(spec) : '';
  return (
    <Field
      label={spec.title}
      description={[spec.description, bounds && `${bounds}.`].filter(Boolean).join(' ')}
      required={spec.required && spec.type !== 'boolean'}
      invalid={Boolean(error)}
      error={error}
      htmlFor={id}
      noMargin
    >
      <Controller
        name={spec.name}
        control={form.control}
        rules={{ validate: (value) => checkValue(spec, value) }}
        render={({ field: { ref, value, onChange, ...field } }) => {
          const change = (next: FormValues[string]) => {
            onChange(next);
            onEdited();
          };
          if (spec.type === 'boolean') {
            return <Switch {...field} ref={ref} id={id} value={value === true} onChange={(event) => change(event.currentTarget.checked)} />;
          }
          if (spec.type === 'choice') {
            return (
              <Combobox
                id={id}
                options={spec.choices}
                value={value === undefined || value === '' ? null : String(value)}
                placeholder={spec.choices.length === 0 ? 'Nothing to choose from now' : `Choose one of ${spec.choices.length}`}
                disabled={spec.choices.length === 0}
                invalid={Boolean(error)}
                onChange={(option) => change(option?.value ?? '')}
              />
            );
          }
          const numeric = spec.type === 'integer';
          return (
            <Input
              {...field}
              ref={ref}
              id={id}
              type={numeric ? 'number' : 'text'}
              inputMode={numeric ? 'numeric' : undefined}
              value={typeof value === 'boolean' ? String(value) : (value ?? '')}
              suffix={spec.unit ?? undefined}
              onChange={(event) => change(event.currentTarget.value)}
            />
          );
        }}
      />
    </Field>
  );
}
