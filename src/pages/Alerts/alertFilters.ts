/** What the alerts page narrows its list to, as it stands in the URL. */
export type AlertView = { text: string; severities: string[]; services: string[]; fingerprint: string | null };

export function viewOfAlerts(params: URLSearchParams): AlertView {
  return {
    text: params.get('text') ?? '',
    severities: listOf(params.get('severity')),
    services: listOf(params.get('service')),
    fingerprint: params.get('fingerprint'),
  };
}

function listOf(value: string | null): string[] {
  return (value ?? '').split(',').filter(Boolean);
}

/** The matchers that the service filters by. Text is looked for in the alert's name, whatever its case. */
export function matchersOf({ text, severities, services }: AlertView): string[] {
  const matchers: string[] = [];
  if (severities.length > 0) {
    matchers.push(`severity=~"${severities.map(escaped).join('|')}"`);
  }
  if (services.length > 0) {
    matchers.push(`service=~"${services.map(escaped).join('|')}"`);
  }
  if (text.trim()) {
    matchers.push(`alertname=~".*${anyCase(text.trim())}.*"`);
  }
  return matchers;
}

function anyCase(text: string): string {
  return [...text]
    .map((char) =>
      char.toLowerCase() === char.toUpperCase() ? escaped(char) : `[${char.toLowerCase()}${char.toUpperCase()}]`
    )
    .join('');
}

/** For a regular expression that stands between quotes. */
function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/["\\]/g, '\\$&');
}
