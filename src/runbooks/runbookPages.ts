import { bundledRunbooks } from './bundledRunbooks';

export type RunbookPage = {
  /** The alert's name. */
  name: string;
  /** odoo, postgresql, nginx, host, backup or dfr-ops, told from the name. */
  service: string;
  /** First sentence of "Meaning", as plain text. */
  meaning: string;
  markdown: string;
};

const services: Array<[RegExp, string]> = [
  [/^Odoo/, 'odoo'],
  [/^Postgres/, 'postgresql'],
  [/^(Nginx|Tls)/, 'nginx'],
  [/^DFRBackup/, 'backup'],
  [/^(DfrOps|Notifications|RuleEvaluation|Watchdog)/, 'dfr-ops'],
];

/** The runbook of an alert; null when there is none. */
export function runbookOf(name: string): RunbookPage | null {
  const markdown = Object.hasOwn(bundledRunbooks, name) ? bundledRunbooks[name] : undefined;
  return markdown === undefined ? null : pageOf(name, markdown);
}

/** Every bundled runbook, by service and name. */
export function allRunbooks(): RunbookPage[] {
  return Object.entries(bundledRunbooks)
    .filter(([name]) => name !== 'README')
    .map(([name, markdown]) => pageOf(name, markdown))
    .sort((a, b) => a.service.localeCompare(b.service) || a.name.localeCompare(b.name));
}

function pageOf(name: string, markdown: string): RunbookPage {
  const meaning = /^## Meaning\s+([\s\S]*?)(?=\n\s*\n|\n#|$)/m.exec(markdown)?.[1] ?? '';
  return {
    name,
    service: services.find(([pattern]) => pattern.test(name))?.[1] ?? 'host',
    meaning: plain(meaning),
    markdown,
  };
}

function plain(markdown: string): string {
  const text = markdown
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[`*]/g, '')
    .replace(/\s+/g, ' ')
    .trim();
  return /^.*?[.!?](?=\s|$)/.exec(text)?.[0] ?? text;
}
