import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { jsonLine } from './auditText.ts';
import { hashOf, type ChainLink } from './chain.ts';

/** First line of a sealed file; every further line is a ChainLink. JSON lines, and `data` is text, exactly as it was hashed. */
export const SegmentHeader = z.object({
  dfrOpsAuditSegment: z.literal(1),
  firstPosition: z.number().int(),
  lastPosition: z.number().int(),
  previousHash: z.string(),
  lastHash: z.string(),
});
export type SegmentHeader = z.infer<typeof SegmentHeader>;

const Link = z.object({
  position: z.number().int(),
  seq: z.number().int(),
  at: z.string(),
  actor: z.string(),
  kind: z.string(),
  subject: z.string(),
  data: z.string(),
  previousHash: z.string(),
  hash: z.string(),
});

export function segmentLine(value: SegmentHeader | ChainLink): string {
  return jsonLine(value);
}

export interface FileVerdict {
  header: SegmentHeader | null;
  entries: number;
  /** SHA-256 of the whole file, hex. */
  sha256: string;
  /** Line that breaks the file first and why; null when it is whole. */
  broken: { line: number; why: string } | null;
}

/** Recomputes the chain in a sealed file. Throws when it cannot be read. */
export async function verifySegmentFile(path: string): Promise<FileVerdict> {
  const digest = createHash('sha256');
  const input = createReadStream(path);
  input.on('data', (chunk) => digest.update(chunk));
  const lines = createInterface({ input, crlfDelay: Infinity });
  let header: SegmentHeader | null = null;
  let head = { position: 0, hash: '' };
  let broken: FileVerdict['broken'] = null;
  let number = 0;
  for await (const line of lines) {
    number += 1;
    if (broken !== null) {
      continue;
    }
    if (number === 1) {
      header = readHeader(line);
      head = { position: (header?.firstPosition ?? 1) - 1, hash: header?.previousHash ?? '' };
      broken = header ? null : { line: 1, why: 'This is not the first line of a sealed segment.' };
      continue;
    }
    const found = nextLink(line, head);
    if (typeof found === 'string') {
      broken = { line: number, why: found };
    } else {
      head = found;
    }
  }
  if (header && !broken && (head.position !== header.lastPosition || head.hash !== header.lastHash)) {
    broken = { line: number + 1, why: `It ends at entry ${head.position} and should end at ${header.lastPosition}.` };
  }
  return { header, entries: Math.max(0, number - 1), sha256: digest.digest('hex'), broken };
}

function readHeader(line: string): SegmentHeader | null {
  const read = SegmentHeader.safeParse(parsed(line));
  return read.success ? read.data : null;
}

function nextLink(line: string, head: { position: number; hash: string }): typeof head | string {
  const read = Link.safeParse(parsed(line));
  if (!read.success) {
    return 'It is not an entry.';
  }
  const { position, hash, previousHash } = read.data;
  if (position !== head.position + 1 || previousHash !== head.hash) {
    return `Entry ${read.data.seq} does not follow the one before it.`;
  }
  return hash === hashOf(head.hash, read.data) ? { position, hash } : `Entry ${read.data.seq} was changed.`;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
