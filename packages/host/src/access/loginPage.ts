import type { FastifyReply } from 'fastify';

/** Answers 401 with a plain page that says how to get in. It needs no script and no other file. */
export function loginPage(reply: FastifyReply, title: string): FastifyReply {
  return reply
    .code(401)
    .header('cache-control', 'no-store')
    .header(
      'content-security-policy',
      "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'"
    )
    .type('text/html; charset=utf-8')
    .send(html(title));
}

/** Everything of such a page before its body. */
export const pageHead = (title: string) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>
:root { color-scheme: dark light; --page: #111217; --card: #181b1f; --text: #ccccdc; --line: #2a2d34; --field: #7b8087; --wrong: #ff7383; --button: #3d71d9; }
@media (prefers-color-scheme: light) { :root { --page: #f4f5f5; --card: #fff; --text: #24292e; --line: #d8d9da; --field: #7b8087; --wrong: #c4162a; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--page); color: var(--text); font: 16px/1.5 Inter, Helvetica, Arial, sans-serif; }
main { width: calc(100% - 2rem); max-width: 30rem; margin: 1rem; padding: 2rem; background: var(--card); border: 1px solid var(--line); border-top: 3px solid #f55f3e; border-radius: 4px; }
h1 { margin: 0 0 1rem; font-size: 1.5rem; font-weight: 500; }
code { background: var(--page); padding: .1em .4em; border-radius: 3px; overflow-wrap: anywhere; }
label { display: block; margin: 1rem 0 .25rem; }
input { width: 100%; height: 2.75rem; padding: 0 .75rem; font: inherit; color: var(--text); background: var(--page); border: 1px solid var(--field); border-radius: 4px; }
button { width: 100%; height: 2.75rem; margin-top: 1.5rem; font: inherit; font-weight: 500; color: #fff; background: var(--button); border: 0; border-radius: 4px; cursor: pointer; }
input:focus-visible, button:focus-visible { outline: 2px solid var(--button); outline-offset: 2px; }
.wrong { color: var(--wrong); }
.small { margin-bottom: 0; font-size: .875rem; }
</style>
</head>`;

const html = (title: string) => `${pageHead(title)}
<body>
<main>
<h1>${title}</h1>
<p>Links to log in are good for one use within 15 minutes.</p>
<p><code>npm start</code> prints a new one when everything is up. On a stack that is running, whoever holds the host's secret asks for one as <code>packages/host/README.md</code> says.</p>
</main>
</body>
</html>
`;
