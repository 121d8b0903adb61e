export type OdooLevel = 'INFO' | 'WARNING' | 'ERROR' | 'CRITICAL';

/** Writes lines as Odoo's own formatter does: `2026-11-24 03:00:00,123 4242 INFO dfr odoo.http: …`, times in UTC. */
export interface OdooLog {
  line(level: OdooLevel, logger: string, message: string): void;
  /** One line, then the error as a Python traceback would end: its kind and message on the last line. */
  exception(logger: string, message: string, error: unknown): void;
  /** One line per request, as werkzeug's server writes it. */
  request(request: { address: string; method: string; url: string; status: number; seconds: number }): void;
}

export function createOdooLog(database: string, write: (text: string) => void): OdooLog {
  const line = (level: OdooLevel, logger: string, message: string) =>
    write(`${stamp(new Date())} ${process.pid} ${level} ${database} ${logger}: ${message}\n`);
  return {
    line,
    exception: (logger, message, error) => line('ERROR', logger, `${message}\n${traceback(error)}`),
    request({ address, method, url, status, seconds }) {
      const at = new Date().toUTCString().replace(/^\w+, (\d+) (\w+) (\d+) ([\d:]+) GMT$/, '$1/$2/$3 $4');
      // JSON: no raw control character of a URL may break or forge a line.
      const what = JSON.stringify(`${method} ${url} HTTP/1.1`);
      line('INFO', 'werkzeug', `${address} - - [${at}] ${what} ${status} - ${seconds.toFixed(3)}`);
    },
  };
}

function stamp(at: Date): string {
  return at.toISOString().replace('T', ' ').replace('.', ',').replace('Z', '');
}

/** The error in Python's shape, so that what counts tracebacks in Odoo's log counts ours. */
export function traceback(error: unknown): string {
  const frames = (error instanceof Error ? (error.stack ?? '') : '')
    .split('\n')
    .filter((frame) => frame.startsWith('    at '))
    .slice(0, 6)
    .reverse()
    .map((frame) => `  ${frame.trim()}`);
  return ['Traceback (most recent call last):', ...frames, `${pythonName(error)}: ${messageOf(error)}`].join('\n');
}

/** The name of the Python exception that Odoo would have met. */
export function pythonName(error: unknown): string {
  const { code, pythonName: given } = error as { code?: unknown; pythonName?: unknown };
  if (typeof given === 'string') {
    return given;
  }
  const sqlState = typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : null;
  if (sqlState !== null && !/^(08|53|57|58)/.test(sqlState)) {
    return 'psycopg2.Error';
  }
  return isDatabaseError(error) ? 'psycopg2.OperationalError' : 'builtins.RuntimeError';
}

/** Whether the database refused, dropped or never answered us. */
function isDatabaseError(error: unknown): boolean {
  const { code, message = '' } = error as { code?: string; message?: string };
  return code !== undefined || /connect|terminat|timeout|Client was closed/i.test(message);
}

export function messageOf(error: unknown): string {
  // Several addresses tried: the reasons stand in the parts.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return first instanceof Error ? first.message : String(first);
}
