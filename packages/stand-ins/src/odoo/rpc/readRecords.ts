import type { QueryResultRow } from 'pg';
import type { Connections } from '../database/connections.ts';
import type { Condition } from './domain.ts';
import type { FieldKind, Model } from './models.ts';
import { valueError } from './odooError.ts';

export interface ReadOptions {
  /** Empty: every field. `id` always comes along. */
  fields: string[];
  /** e.g. `nextcall desc, id`; empty: id. */
  order: string;
  limit: number | null;
  offset: number;
}

/** Reads records as Odoo writes them: datetimes in UTC, users as `[id, name]`, NULL as `false`. */
export function readRecords(
  connections: Connections,
  model: Model,
  condition: Condition,
  options: ReadOptions
): Promise<QueryResultRow[]> {
  const names = options.fields.length > 0 ? options.fields : [...Object.keys(model.fields), 'display_name'];
  const columns = [...new Set(['id', ...names])].map((name) => `${columnOf(model, name)} AS "${name}"`);
  const limit = options.limit === null ? 'ALL' : String(options.limit);
  return connections
    .query(
      `SELECT ${columns.join(', ')} FROM ${model.table} WHERE ${condition.sql}
       ORDER BY ${orderOf(model, options.order)} LIMIT ${limit} OFFSET ${options.offset}`,
      condition.values
    )
    .then((rows) => rows.map(withFalse));
}

function columnOf(model: Model, name: string): string {
  if (name === 'display_name') {
    return model.nameColumn;
  }
  const kind: FieldKind | undefined = Object.hasOwn(model.fields, name) ? model.fields[name] : undefined;
  if (!kind) {
    throw valueError(`Invalid field '${name}' on model '${model.table.replaceAll('_', '.')}'`);
  }
  const expressions: Record<FieldKind, string> = {
    plain: name,
    datetime: `to_char(${name}, 'YYYY-MM-DD HH24:MI:SS')`,
    user: `(SELECT json_build_array(u.id, u.login) FROM res_users u WHERE u.id = ${name})`,
  };
  return expressions[kind];
}

function orderOf(model: Model, order: string): string {
  const parts = order
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const [, name = '', direction = ''] = /^(\w+)(?:\s+(asc|desc))?$/i.exec(part) ?? [];
      if (!Object.hasOwn(model.fields, name)) {
        throw valueError(`Invalid order "${order}"`);
      }
      return `${model.table}.${name} ${direction}`;
    });
  return parts.join(', ') || `${model.table}.id`;
}

function withFalse(row: QueryResultRow): QueryResultRow {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value ?? false]));
}
