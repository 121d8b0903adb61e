import type { IncidentDetail } from '@dfr-ops/contracts';

/** An incident as Markdown for a ticket or a hand-over: facts, every moment in UTC, every run with its verdict. */
export function incidentMarkdown(incident: IncidentDetail, url: string): string {
  const lines = [
    `# ${incident.alertName} (${incident.severity}, ${incident.service}): ${incident.state.replace('_', ' ')}`,
    '',
    incident.annotations.summary ?? '',
    '',
    `- Opened: ${incident.openedAt}`,
    `- Normal: ${incident.normalAt ?? 'not yet'}`,
    `- Resolved: ${incident.resolvedAt ?? 'not yet'}`,
    `- Value: ${incident.lastValue ?? 'not known'} (when it began to fire: ${incident.firstValue ?? 'not known'})`,
    `- Labels: ${Object.entries(incident.labels)
      .map(([name, value]) => `\`${name}=${value}\``)
      .join(' ')}`,
    `- ${url}`,
    '',
    '## Timeline (UTC)',
    '',
    '| at | moment | source | |',
    '|---|---|---|---|',
    ...incident.timeline.map((event) =>
      row(new Date(event.at).toISOString(), event.kind.replaceAll('_', ' '), event.source, event.text)
    ),
  ];
  if (incident.runs.length > 0) {
    lines.push(
      '',
      '## Actions',
      '',
      '| at | action | by | reason | state | effect | alert |',
      '|---|---|---|---|---|---|---|'
    );
    lines.push(
      ...incident.runs.map((run) =>
        row(run.createdAt, run.title, run.requestedBy, run.reason, run.state, run.effect.state, run.alert.state)
      )
    );
  }
  return `${lines.join('\n')}\n`;
}

function row(...cells: string[]): string {
  return `| ${cells.map((cell) => cell.replace(/\|/g, '\\|').replace(/\s+/g, ' ')).join(' | ')} |`;
}
