import type { AuditEvent } from '@dfr-ops/contracts';

export type AuditFormat = 'jsonl' | 'csv';

export const auditContentType: Record<AuditFormat, string> = {
  jsonl: 'application/x-ndjson; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
};

const columns = ['seq', 'at', 'actor', 'kind', 'subject', 'data', 'previousHash', 'hash'] as const;
export const csvHead = `${columns.join(',')}\r\n`;

/** JSON lines, or lines of CSV (RFC 4180) without their head. */
export function auditText(events: readonly AuditEvent[], format: AuditFormat): string {
  return format === 'jsonl'
    ? events.map(jsonLine).join('')
    : events.map((event) => `${columns.map((column) => cell(event[column])).join(',')}\r\n`).join('');
}

/** Two more characters than the line feed end a line for some readers, and JSON leaves them as they are. */
export function jsonLine(value: unknown): string {
  return `${JSON.stringify(value).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}\n`;
}

function cell(value: AuditEvent[(typeof columns)[number]]): string {
  const text = value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
  // A spreadsheet would run what begins so; subjects and actors come from people.
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
