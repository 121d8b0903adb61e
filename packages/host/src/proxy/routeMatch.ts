import { type Role, includesRole, roles } from '../access/users.ts';
import { cleanPath } from './cleanPath.ts';
import { type TemplateData, fillTemplate } from './goTemplate.ts';

/** An entry of `routes` in a plugin.json, as far as the stand-in knows it. */
export interface PluginRoute {
  path: string;
  method?: string;
  reqRole?: string;
  url?: string;
  headers?: Array<{ name: string; content: string }>;
  urlParams?: Array<{ name: string; content: string }>;
}

const knownFields = new Set(['path', 'method', 'reqRole', 'url', 'headers', 'urlParams']);

/** Where a request goes, or why it goes nowhere. `url` has no query but the route's own. */
export type Decision =
  { ok: true; url: URL; headers: Record<string, string> } | { ok: false; status: number; message: string };

/**
 * Grafana's choice of a route: the first whose method fits and whose path is a string prefix of the cleaned path. Then
 * the role, then the templates. Stricter than Grafana where that fails open: what matches no route is refused, as is a
 * template without a value or a field that is not known here.
 */
export function decideRoute(
  routes: PluginRoute[],
  data: TemplateData,
  request: { method: string; path: string; role: Role }
): Decision {
  const path = cleanPath(request.path);
  if (path === null) {
    return {
      ok: false,
      status: 400,
      message: 'The path holds characters that may not be sent through the datasource proxy.',
    };
  }
  const route = routes.find((candidate) => fits(candidate, request.method, path));
  if (!route) {
    return { ok: false, status: 403, message: `No route of this datasource takes ${request.method} ${path}.` };
  }
  const refusal = refuse(route, request.role);
  if (refusal) {
    return { ok: false, status: 403, message: refusal };
  }
  try {
    return target(route, data, path);
  } catch (cause) {
    return {
      ok: false,
      status: 500,
      message: `Route "${route.path}" cannot be filled in: ${(cause as Error).message}`,
    };
  }
}

function fits(route: PluginRoute, method: string, path: string): boolean {
  const anyMethod = !route.method || route.method === '*';
  return (anyMethod || route.method === method) && path.startsWith(cleanPath(route.path) ?? '\0');
}

function refuse(route: PluginRoute, role: Role): string | null {
  const strange = Object.keys(route).find((field) => !knownFields.has(field));
  if (strange) {
    return `Route "${route.path}" has the field ${strange}, which the stand-in host does not know.`;
  }
  if (!route.reqRole) {
    return null;
  }
  if (!roles.includes(route.reqRole as Role)) {
    return `Route "${route.path}" asks for the role ${route.reqRole}, which does not exist.`;
  }
  return includesRole(role, route.reqRole as Role)
    ? null
    : `This needs the role ${route.reqRole}; you have ${role}. Ask somebody with that role.`;
}

function target(route: PluginRoute, data: TemplateData, path: string): Decision {
  const url = new URL(fillTemplate(route.url ?? '', data));
  if (!/^https?:$/.test(url.protocol)) {
    throw new Error(`${url.protocol} is not http or https.`);
  }
  const rest = path.slice((cleanPath(route.path) ?? '').length).replace(/^\/+/, '');
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/${rest}`;
  for (const { name, content } of route.urlParams ?? []) {
    url.searchParams.set(name, fillTemplate(content, data));
  }
  const headers = Object.fromEntries(
    (route.headers ?? []).map(({ name, content }) => [name.toLowerCase(), fillTemplate(content, data)])
  );
  return { ok: true, url, headers };
}
