import type { Model } from './models.ts';
import { valueError } from './odooError.ts';

const OPERATORS: Readonly<Record<string, string>> = {
  '=': 'IS NOT DISTINCT FROM',
  '!=': 'IS DISTINCT FROM',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
  like: 'LIKE',
  ilike: 'ILIKE',
};

export interface Condition {
  /** SQL with $1…; always true for an empty domain. */
  sql: string;
  values: unknown[];
}

/**
 * A search domain as SQL: leaves `[field, operator, value]`, all of which must hold. Odoo's `|`, `&`, `!` and dotted
 * fields are refused. `false` means NULL, as in Odoo, but for booleans. Where the domain does not speak of `active`, inactive
 * records are left out, unless `activeTest` is false.
 */
export function readDomain(model: Model, domain: unknown, activeTest = true): Condition {
  if (!Array.isArray(domain)) {
    throw valueError(`Invalid domain: ${JSON.stringify(domain)}`);
  }
  const values: unknown[] = [];
  const parts = domain.map((leaf) => readLeaf(model, leaf, values));
  if (activeTest && Object.hasOwn(model.fields, 'active') && !domain.some((leaf) => leaf[0] === 'active')) {
    parts.push('active');
  }
  return { sql: parts.join(' AND ') || 'true', values };
}

function readLeaf(model: Model, leaf: unknown, values: unknown[]): string {
  if (!Array.isArray(leaf) || leaf.length !== 3 || typeof leaf[0] !== 'string') {
    throw valueError(`Invalid leaf ${JSON.stringify(leaf)}: the stand-in knows [field, operator, value] only`);
  }
  const [field, operator, value] = leaf as [string, unknown, unknown];
  if (!Object.hasOwn(model.fields, field)) {
    throw valueError(`Invalid field ${model.table}.${field} in leaf ${JSON.stringify(leaf)}`);
  }
  if (operator === 'in' || operator === 'not in') {
    values.push(Array.isArray(value) ? value : [value]);
    const sql = `${field} = ANY($${values.length})`;
    return operator === 'in' ? sql : `(${sql}) IS NOT TRUE`;
  }
  const sqlOperator =
    typeof operator === 'string' && Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator] : undefined;
  if (!sqlOperator) {
    throw valueError(`Invalid operator ${JSON.stringify(operator)} in leaf ${JSON.stringify(leaf)}`);
  }
  return compare(field, sqlOperator, value, values);
}

function compare(field: string, operator: string, value: unknown, values: unknown[]): string {
  if (value === false && field !== 'active' && field !== 'share') {
    return `${field} ${operator} NULL`;
  }
  values.push(operator.endsWith('LIKE') ? `%${String(value)}%` : value);
  return `${field} ${operator} $${values.length}`;
}
