import type { FastifyReply } from 'fastify';
import { pageHead } from '../access/loginPage.ts';

export interface PasswordPage {
  status: 401 | 403 | 429 | 503;
  /** What went wrong, a sentence or two; empty: nothing, it is the first visit. */
  message: string;
  /** Where to go afterwards, a path of ours. */
  next: string;
  name: string;
  /** Nobody can log in yet. */
  unset: boolean;
}

/** Answers a page with the form. It needs no script and no other file. */
export function passwordPage(reply: FastifyReply, page: PasswordPage): FastifyReply {
  return reply
    .code(page.status)
    .header('cache-control', 'no-store')
    .header(
      'content-security-policy',
      "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
    )
    .type('text/html; charset=utf-8')
    .send(html(page));
}

const html = ({ message, next, name, unset }: PasswordPage) => `${pageHead('Break-glass console')}
<body>
<main>
<h1>Break-glass console</h1>
<p>For when Grafana itself is down. Every login is recorded, and the others are told of it.</p>
${message ? `<p class="wrong" role="alert">${escaped(message)}</p>` : ''}
${unset ? unsetText : form(next, name)}
</main>
</body>
</html>
`;

const unsetText = `<p>No password has been set, so nobody can log in.</p>
<p>On the server: <code>npm run console -- passwd</code></p>`;

const form = (next: string, name: string) => `<form method="post" action="/login">
<input type="hidden" name="next" value="${escaped(next)}">
<label for="name">Name</label>
<input id="name" name="name" value="${escaped(name)}" autocomplete="username" autocapitalize="none" spellcheck="false" required maxlength="64"${name ? '' : ' autofocus'}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required maxlength="1024"${name ? ' autofocus' : ''}>
<button type="submit">Log in</button>
</form>
<p class="small">The session ends after 30 minutes.</p>`;

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
