import { messageOf, pythonName, traceback } from '../odooLog.ts';

/** An error that Odoo would have raised; `pythonName` is the exception's full name, e.g. `odoo.exceptions.AccessDenied`. */
export class OdooError extends Error {
  readonly pythonName: string;

  constructor(pythonName: string, message: string) {
    super(message);
    this.name = 'OdooError';
    this.pythonName = pythonName;
  }
}

export const accessDenied = () => new OdooError('odoo.exceptions.AccessDenied', 'Access Denied');
export const userError = (message: string) => new OdooError('odoo.exceptions.UserError', message);
export const valueError = (message: string) => new OdooError('builtins.ValueError', message);

/** What stands under `error` in an answer of /jsonrpc. */
export function rpcErrorOf(error: unknown) {
  const message = messageOf(error);
  return {
    code: 200,
    message: 'Odoo Server Error',
    data: { name: pythonName(error), debug: traceback(error), message, arguments: [message], context: {} },
  };
}
