import type { Channels } from './channels.ts';

/**
 * The channels, with the break-glass console's address in whatever they send: who is told at night that something is down may
 * find Grafana down too. `consoleUrl` null: there is none, and the channels stay as they are.
 */
export function carryConsole({ sms, mail }: Channels, consoleUrl: string | null): Channels {
  if (consoleUrl === null) {
    return { sms, mail };
  }
  const carried = (text: string) => (text.includes(consoleUrl) ? text : `${text.trimEnd()}\nConsole: ${consoleUrl}`);
  return {
    sms: sms && {
      ...sms,
      provider: { send: (message, signal) => sms.provider.send({ ...message, text: carried(message.text) }, signal) },
    },
    mail: mail && {
      close: () => mail.close(),
      send: (letter) =>
        mail.send({
          ...letter,
          text: letter.text.includes(consoleUrl)
            ? letter.text
            : `${letter.text.trimEnd()}\n\nIf Grafana is down: ${consoleUrl}\n`,
          ...(letter.html === undefined ? {} : { html: withFooter(letter.html, consoleUrl) }),
        }),
    },
  };
}

function withFooter(html: string, consoleUrl: string): string {
  const url = consoleUrl.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
  const footer = `<p style="font-size:12px">If Grafana is down: <a href="${url}">${url}</a></p>`;
  const end = html.lastIndexOf('</body>');
  return end < 0 ? html + footer : html.slice(0, end) + footer + html.slice(end);
}
