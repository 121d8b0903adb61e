import type { ParameterSpec } from '@dfr-ops/contracts';
import type { OdooConnector } from '../connectors/odoo.ts';
import { OdooRefusal } from '../connectors/odooRpc.ts';
import { ActionRefused, type ActionContext, type Connectors } from './action.ts';

/** Why nothing can be asked of Odoo by its API in this installation; null when it can. */
export function lackingOdooAccount({ odoo }: Pick<Connectors, 'odoo'>): string | null {
  if (!odoo) {
    return 'the service was not told how to reach Odoo (ODOO_URL)';
  }
  return odoo.account ? null : 'the service has no user of its own in Odoo (ODOO_DB, ODOO_LOGIN, ODOO_PASSWORD_FILE)';
}

export function odooOf({ connectors }: Pick<ActionContext, 'connectors'>): OdooConnector {
  return connectors.odoo as OdooConnector;
}

/** Runs one call that Odoo does wholly or not at all; its refusal leaves everything as it was. */
export async function wholeOrRefused<T>(work: Promise<T>, todo: string): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof OdooRefusal) {
      throw new ActionRefused(`${error.message}. Nothing was changed.`, todo, { cause: error });
    }
    throw error;
  }
}

/** Odoo's datetimes are UTC without a zone: `2026-11-24 03:00:00`. */
export function odooTime(text: string): Date {
  return new Date(`${text.replace(' ', 'T')}Z`);
}

export function toOdooTime(at: Date): string {
  return at.toISOString().slice(0, 19).replace('T', ' ');
}

/** A field of a form, with what it does not need left empty. */
export function field(
  spec: Partial<ParameterSpec> & Pick<ParameterSpec, 'name' | 'title' | 'description' | 'type'>
): ParameterSpec {
  return { required: true, default: null, min: null, max: null, unit: null, choices: [], ...spec };
}
