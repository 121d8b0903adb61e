import type { ParameterSpec } from '@dfr-ops/contracts';
import type { Parameters } from './action.ts';

export type CheckedParameters =
  { parameters: Parameters; issues: [] } | { parameters: null; issues: Array<{ path: string; message: string }> };

/** Holds what was given against the form, and fills in defaults. Every wrong field is named. */
export function checkParameters(form: readonly ParameterSpec[], given: Parameters): CheckedParameters {
  const issues: Array<{ path: string; message: string }> = [];
  const parameters: Parameters = {};
  for (const name of Object.keys(given).filter((one) => !form.some((spec) => spec.name === one))) {
    issues.push({ path: `parameters.${name}`, message: 'There is no such parameter.' });
  }
  for (const spec of form) {
    const value = Object.hasOwn(given, spec.name) ? given[spec.name] : (spec.default ?? undefined);
    if (value === undefined) {
      if (spec.required) {
        issues.push({ path: `parameters.${spec.name}`, message: `"${spec.title}" is needed.` });
      }
      continue;
    }
    const wrong = wrongWith(spec, value);
    if (wrong) {
      issues.push({ path: `parameters.${spec.name}`, message: wrong });
    } else {
      parameters[spec.name] = value;
    }
  }
  return issues.length > 0 ? { parameters: null, issues } : { parameters, issues: [] };
}

function wrongWith(spec: ParameterSpec, value: string | number | boolean): string | null {
  const range = `${spec.min ?? '…'} to ${spec.max ?? '…'}${spec.unit ? ` ${spec.unit}` : ''}`;
  const outside = (size: number) => (spec.min !== null && size < spec.min) || (spec.max !== null && size > spec.max);
  switch (spec.type) {
    case 'integer':
      if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
        return 'Must be a whole number.';
      }
      return outside(value) ? `Must be ${range}.` : null;
    case 'boolean':
      return typeof value === 'boolean' ? null : 'Must be true or false.';
    case 'choice':
      return spec.choices.some((choice) => choice.value === value)
        ? null
        : `Must be one of the choices offered: ${spec.choices.map((choice) => choice.value || '(any)').join(', ')}.`;
    case 'string':
      if (typeof value !== 'string') {
        return 'Must be text.';
      }
      return outside(value.length) ? `Must be ${range} characters long.` : null;
  }
}
