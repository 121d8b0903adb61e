import type { UpstreamServer } from '@dfr-ops/contracts';

// A comment, or one `server` with its address and the rest of its parameters.
const ENTRY = /#[^\n]*|(?<head>(?<![\w$-])server\s+)(?<address>[^\s;{}#]+)(?<parameters>[^;{}#]*);/g;

/** The `server` entries of an upstream include, in their order. Comments are no entries. */
export function readUpstream(text: string): UpstreamServer[] {
  return [...text.matchAll(ENTRY)]
    .filter(({ groups }) => groups?.address !== undefined)
    .map(({ groups }) => ({ server: groups?.address ?? '', down: isDown(groups?.parameters ?? '') }));
}

/**
 * The include's text with `server` (null: every one) marked as down or not. Other parameters, comments and the lines'
 * order stay as they are.
 */
export function markUpstream(text: string, server: string | null, down: boolean): string {
  return text.replace(ENTRY, (entry, ...rest) => {
    const groups = rest.at(-1) as { head?: string; address?: string; parameters?: string };
    const { head, address, parameters = '' } = groups;
    if (address === undefined || (server !== null && address !== server) || isDown(parameters) === down) {
      return entry;
    }
    return `${head}${address}${down ? `${parameters.trimEnd()} down` : withoutDown(parameters)};`;
  });
}

function isDown(parameters: string): boolean {
  return parameters.split(/\s+/).includes('down');
}

function withoutDown(parameters: string): string {
  return parameters.replaceAll(/\s+down(?=\s|$)/g, '');
}
