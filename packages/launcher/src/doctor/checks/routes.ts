import { z } from 'zod';

export interface Route {
  receiver?: string | undefined;
  matchers?: string[] | undefined;
  continue?: boolean | undefined;
  routes?: Route[] | undefined;
}
export const Route: z.ZodType<Route> = z.looseObject({
  receiver: z.string().optional(),
  matchers: z.array(z.string()).optional(),
  continue: z.boolean().optional(),
  get routes() {
    return z.array(Route).optional();
  },
});

/** Receivers that an alert with these labels reaches, as Alertmanager walks its routes. Throws on a matcher that it cannot read. */
export function receiversOf(route: Route, labels: Record<string, string>, inherited = ''): string[] {
  const receiver = route.receiver ?? inherited;
  const reached: string[] = [];
  for (const child of route.routes ?? []) {
    if ((child.matchers ?? []).every((matcher) => matches(matcher, labels))) {
      reached.push(...receiversOf(child, labels, receiver));
      if (!child.continue) {
        break;
      }
    }
  }
  return reached.length > 0 ? reached : [receiver];
}

function matches(matcher: string, labels: Record<string, string>): boolean {
  const [, name, operator, quoted] = /^\s*"?(\w+)"?\s*(=~|!~|!=|=)\s*(.*?)\s*$/s.exec(matcher) ?? [];
  if (name === undefined || operator === undefined || quoted === undefined) {
    throw new Error(`the matcher ${matcher} cannot be read`);
  }
  const value = quoted.startsWith('"') ? (JSON.parse(quoted) as string) : quoted;
  const label = labels[name] ?? '';
  const hit = operator.endsWith('~') ? new RegExp(`^(?:${value})$`).test(label) : label === value;
  return operator.startsWith('!') ? !hit : hit;
}
