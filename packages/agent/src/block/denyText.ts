import type { BlockedNetwork } from '@dfr-ops/contracts';

// `deny 203.0.113.7; # until 2026-11-24T22:00:00.000Z`; without the comment it was written by hand.
const LINE = /^\s*deny\s+([0-9a-fA-F.:/]+)\s*;[^\S\n]*(?:#\s*until\s+(\S+))?.*$/;

/** The blocked networks of a deny include, in their order. Other lines are no blocks and are left as they are. */
export function readBlocked(text: string): BlockedNetwork[] {
  return text.split('\n').flatMap((line) => blockOf(line) ?? []);
}

function blockOf(line: string): BlockedNetwork | null {
  const found = LINE.exec(line);
  if (!found) {
    return null;
  }
  const until = new Date(found[2] ?? '');
  return { address: found[1] ?? '', until: Number.isNaN(until.getTime()) ? null : until.toISOString() };
}

/** The text with this network blocked until then, in the place of an earlier line of the same network. */
export function withBlocked(text: string, address: string, until: Date): string {
  const kept = withoutBlocked(text, (block) => block.address === address);
  return `${kept === '' || kept.endsWith('\n') ? kept : `${kept}\n`}deny ${address}; # until ${until.toISOString()}\n`;
}

/** The text without the lines of which `which` is true. */
export function withoutBlocked(text: string, which: (block: BlockedNetwork) => boolean): string {
  return text
    .split('\n')
    .filter((line) => {
      const block = blockOf(line);
      return block === null || !which(block);
    })
    .join('\n');
}
