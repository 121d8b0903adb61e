import type { ParameterSpec } from '@dfr-ops/contracts';
import { matchesPattern } from '../policy/policySchema.ts';
import type { Parameters } from '../actions/action.ts';

type AllowLists = Record<string, string[]>;

/** A form with only those choices that the policy's allow-lists let through. */
export function allowedForm(form: readonly ParameterSpec[], allow: AllowLists): ParameterSpec[] {
  return form.map((spec) => {
    const list = allow[spec.name];
    if (!list || spec.choices.length === 0) {
      return spec;
    }
    const choices = spec.choices.filter((choice) => isAllowed(list, choice.value));
    const keeps = choices.some((choice) => choice.value === spec.default);
    return { ...spec, choices, default: keeps ? spec.default : null };
  });
}

/** Every value that the allow-lists do not let through, by parameter; a list for a parameter that there is not lets nothing through. */
export function forbiddenParameters(
  form: readonly ParameterSpec[],
  parameters: Parameters,
  allow: AllowLists
): Array<{ path: string; message: string }> {
  return Object.entries(allow).flatMap(([name, list]) => {
    const path = `parameters.${name}`;
    if (!form.some((spec) => spec.name === name)) {
      return [{ path, message: 'The policy has an allow-list for it, and the action has no such parameter.' }];
    }
    const value = parameters[name];
    return value === undefined || isAllowed(list, String(value))
      ? []
      : [{ path, message: `The policy allows only ${list.join(', ')}.` }];
  });
}

function isAllowed(list: readonly string[], value: string): boolean {
  return list.some((pattern) => matchesPattern(pattern, value));
}
