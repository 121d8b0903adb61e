import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Access } from '../access/access.ts';
import type { User } from '../access/users.ts';
import type { Bundle } from '../bundle/builtPlugins.ts';
import type { HostConfig } from '../config.ts';
import { bootData } from './bootData.ts';

const themeCookie = 'dfr_host_theme';

/** Any other address answers the one page, which routes by itself; without a session the login page. */
export function pageRoutes(
  app: FastifyInstance,
  config: HostConfig,
  bundle: Bundle,
  { userOf, askToLogIn }: Access
): void {
  builtFiles(config.pageDir);

  app.setNotFoundHandler(async (request, reply) => {
    const isPage = request.method === 'GET' && !/^\/(api|apis|public)\//.test(request.url);
    if (!isPage) {
      return reply.code(404).send({ message: `There is nothing at ${request.method} ${request.url}.` });
    }
    const user = userOf(request);
    return user ? page(request, reply, user) : askToLogIn(request, reply);
  });

  function page(request: FastifyRequest, reply: FastifyReply, user: User): FastifyReply {
    const theme = chosenTheme(request);
    const nonce = randomBytes(16).toString('base64');
    reply.setCookie(themeCookie, theme, { path: '/', sameSite: 'strict', maxAge: 365 * 86_400 });
    return reply
      .header('cache-control', 'no-store')
      .header('content-security-policy', contentSecurityPolicy(nonce))
      .type('text/html; charset=utf-8')
      .send(html(builtFiles(config.pageDir), bootData(user, config, bundle, theme), theme, nonce));
  }
}

function chosenTheme(request: FastifyRequest): 'dark' | 'light' {
  const asked = (request.query as { theme?: unknown }).theme ?? request.cookies[themeCookie];
  return asked === 'light' ? 'light' : 'dark';
}

/** Styles are inline because emotion writes them at run time. */
function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}'`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

function builtFiles(pageDir: string): { scripts: string[]; styles: string[] } {
  try {
    return JSON.parse(readFileSync(path.join(pageDir, 'entry.json'), 'utf8')) as {
      scripts: string[];
      styles: string[];
    };
  } catch (cause) {
    throw new Error(`The host's own page is not built in ${pageDir}. Run "npm run build -w @dfr-ops/host" first.`, {
      cause,
    });
  }
}

function html(
  files: { scripts: string[]; styles: string[] },
  boot: Record<string, unknown>,
  theme: 'dark' | 'light',
  nonce: string
): string {
  // `<` escaped: nothing inside the data can end the script element.
  const json = JSON.stringify(boot)
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
  const background = theme === 'light' ? '#f4f5f5' : '#111217';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>DFR Ops</title>
<base href="/">
<link rel="icon" href="/public/plugins/dfr-ops-app/img/logo.svg">
${files.styles.map((style) => `<link rel="stylesheet" href="${style}">`).join('\n')}
<style>body { background: ${background}; }</style>
</head>
<body>
<div id="host"></div>
<script nonce="${nonce}">window.grafanaBootData = ${json}; window.__grafana_public_path__ = '/public/';</script>
${files.scripts.map((script) => `<script defer src="${script}"></script>`).join('\n')}
</body>
</html>
`;
}
