import { links } from '../client/links';
import { bundledRunbooks } from './bundledRunbooks';

const codeOrLink = /(`[^`]*`|\[[^\]]*\]\([^)]*\))/;
const actionId = /\*\*((?:odoo|postgres|nginx|backup)\.[a-z-]+)\*\*/g;

/** Markdown of a runbook in which files of runbooks/, names of alerts that have one, and ids of actions lead to their pages. */
export function withAppLinks(markdown: string, own: string): string {
  return markdown
    .replace(/\]\((?:\.\/)?(\w+)\.md(#[\w-]*)?\)/g, (_, alert: string) => `](${links.runbook(alert)})`)
    .split(codeOrLink)
    .map((part, index) => (index % 2 === 0 ? linked(part, own) : part))
    .join('');
}

function linked(text: string, own: string): string {
  return text
    .replace(actionId, (_, id: string) => `**[${id}](${links.actions({ action: id })})**`)
    .replace(/(?<![\w/=.[])[A-Z]\w+(?![\w(=])/g, (word) =>
      word !== own && Object.hasOwn(bundledRunbooks, word) ? `[${word}](${links.runbook(word)})` : word
    );
}
