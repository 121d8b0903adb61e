import type { ParameterSpec, ParameterValue } from '@dfr-ops/contracts';

/** Values of the form; an empty field is undefined or ''. */
export type FormValues = Record<string, ParameterValue | undefined>;

/** What the form begins with: the service's defaults, taken from the alert's labels where it can. */
export function initialValues(specs: ParameterSpec[]): FormValues {
  return Object.fromEntries(specs.map((spec) => [spec.name, spec.default ?? (spec.type === 'boolean' ? false : '')]));
}

/** Those of the given values that the form has a place for; a choice that is not offered any more is left out. */
export function givenValues(specs: ParameterSpec[], given: Record<string, ParameterValue>): FormValues {
  const fits = ({ name, choices }: ParameterSpec) => given[name] !== undefined && (choices.length === 0 || choices.some(({ value }) => value === String(given[name])));
  return Object.fromEntries(specs.filter(fits).map(({ name }) => [name, given[name]]));
}

/** Why a value cannot be sent, for the person at the field; true when it can. The service checks the same again. */
export function checkValue(spec: ParameterSpec, value: ParameterValue | undefined): true | string {
  if (isEmpty(value)) {
    return spec.required ? `${spec.title} is needed.` : true;
  }
  if (spec.type === 'integer') {
    const number = Number(value);
    if (!Number.isInteger(number)) {
      return 'Give a whole number.';
    }
    return within(spec, number) || `${boundsText(spec)}.`;
  }
  if (spec.type === 'string') {
    return within(spec, String(value).length) || `${boundsText(spec)} characters.`;
  }
  return true;
}

/** Values as they are sent: numbers as numbers, empty fields left out. */
export function valuesToSend(specs: ParameterSpec[], values: FormValues): Record<string, ParameterValue> {
  const sent: Record<string, ParameterValue> = {};
  for (const spec of specs) {
    const value = values[spec.name];
    if (!isEmpty(value)) {
      sent[spec.name] = spec.type === 'integer' ? Number(value) : value!;
    }
  }
  return sent;
}

/** A value as a person reads it: "60 s", a choice by its label, "–" for none. */
export function valueText({ choices, unit }: ParameterSpec, value: ParameterValue | undefined): string {
  if (isEmpty(value)) {
    return '–';
  }
  const choice = choices.find((one) => one.value === String(value));
  const text = typeof value === 'boolean' ? (value ? 'yes' : 'no') : (choice?.label ?? String(value));
  return unit ? `${text} ${unit}` : text;
}

/** "From 60 to 3600 s"; empty where there are no bounds. */
export function boundsText({ min, max, unit }: ParameterSpec): string {
  const tail = unit ? ` ${unit}` : '';
  if (min !== null && max !== null) {
    return `From ${min} to ${max}${tail}`;
  }
  return min !== null ? `At least ${min}${tail}` : max !== null ? `At most ${max}${tail}` : '';
}

function isEmpty(value: ParameterValue | undefined): boolean {
  return value === undefined || value === '' || Number.isNaN(value);
}

function within({ min, max }: ParameterSpec, number: number): boolean {
  return (min === null || number >= min) && (max === null || number <= max);
}
