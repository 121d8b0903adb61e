import { open } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { once } from 'node:events';
import { pino } from 'pino';
import type { Pool } from 'pg';
import { readStoreConfig } from '../config.ts';
import { createPool } from '../store/pool.ts';
import { auditText, csvHead } from './auditText.ts';
import { readArguments, usage, WrongCall, type AuditArguments } from './cliArguments.ts';
import { readAudit } from './readAudit.ts';
import { NotSealed, sealAudit } from './sealAudit.ts';
import { verifySegmentFile, type FileVerdict } from './segmentFile.ts';
import { verifyAudit } from './verifyAudit.ts';

const tailSeconds = 60;
const page = 1000;
const silent = pino({ level: 'silent' });
const say = (text: string) => void process.stdout.write(`${text}\n`);
const plural = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`;

async function main(args: string[]): Promise<number> {
  const asked = readArguments(args);
  if (asked === null) {
    say(usage);
    return 0;
  }
  const config = readStoreConfig();
  const url = asked.database ?? (asked.command === 'seal' ? config.ownerUrl : config.databaseUrl);
  const file = asked.command === 'verify' && asked.file !== undefined ? await verifySegmentFile(asked.file) : null;
  const fileCode = file ? tellFile(asked.file!, file) : 0;
  if (url === null) {
    if (file) {
      say('The store was not asked: neither --database nor DATABASE_URL names it.');
      return fileCode;
    }
    throw new WrongCall('which store? Name it with --database or DATABASE_URL');
  }
  // A chain of years takes its time.
  const pool = createPool(url, silent, 10 * 60_000);
  try {
    return Math.max(fileCode, await run(pool, asked, file));
  } finally {
    await pool.end();
  }
}

async function run(pool: Pool, asked: AuditArguments, file: FileVerdict | null): Promise<number> {
  switch (asked.command) {
    case 'verify':
      return Math.max(file ? await tellKnown(pool, file) : 0, await tellChain(pool));
    case 'export':
      return exportAudit(pool, asked);
    case 'seal':
      return seal(pool, asked);
  }
}

async function tellChain(pool: Pool): Promise<number> {
  const { linked, sealed, segments, head, broken, unlinked } = await verifyAudit(pool);
  if (broken) {
    say(
      `✗ The chain is broken at link ${broken.position}${broken.seq === null ? '' : ` (entry ${broken.seq})`}: ${broken.why}`
    );
  } else {
    const before = segments > 0 ? `, after ${plural(sealed, 'entry', 'entries')} in ${plural(segments, 'sealed segment', 'sealed segments')}` : ''; // prettier-ignore
    say(
      `✓ The chain is whole: ${plural(linked, 'link', 'links')}${before}. It ends at link ${head.position} with ${head.hash}.`
    );
  }
  const late = unlinked !== null && unlinked.oldestSeconds > tailSeconds;
  if (unlinked) {
    const range =
      unlinked.firstSeq === unlinked.lastSeq ? `${unlinked.firstSeq}` : `${unlinked.firstSeq} to ${unlinked.lastSeq}`;
    const age = `the oldest for ${unlinked.oldestSeconds.toFixed(1)} s`;
    const remedy = late ? ' Does the action service run?' : '';
    say(
      `${late ? '!' : '✓'} ${plural(unlinked.entries, 'entry is', 'entries are')} not linked yet: ${range}, ${age}.${remedy}`
    );
  }
  return broken ? 1 : late ? 3 : 0;
}

function tellFile(path: string, { broken, entries, header }: FileVerdict): number {
  say(
    broken
      ? `✗ ${path} is broken at line ${broken.line}: ${broken.why}`
      : `✓ ${path} is whole: ${plural(entries, 'entry', 'entries')}, links ${header?.firstPosition} to ${header?.lastPosition}.`
  );
  return broken ? 1 : 0;
}

async function tellKnown(pool: Pool, { header, sha256 }: FileVerdict): Promise<number> {
  const { rows } = await pool.query('SELECT number FROM audit_segments WHERE file_sha256 = $1 AND last_hash = $2', [
    sha256,
    header?.lastHash ?? '',
  ]);
  say(rows[0] ? `✓ It is the store's segment ${rows[0].number}.` : '✗ The store knows no segment with this content.');
  return rows[0] ? 0 : 1;
}

async function exportAudit(
  pool: Pool,
  { format, out, from, to, actor, kind, subject }: AuditArguments
): Promise<number> {
  const target: NodeJS.WritableStream = out ? (await open(out, 'wx', 0o600)).createWriteStream() : process.stdout;
  const put = async (text: string) => void (target.write(text) || (await once(target, 'drain')));
  if (format === 'csv') {
    await put(csvHead);
  }
  let after = 0;
  let count = 0;
  for (;;) {
    const events = await readAudit(pool, { after, from, to, actor, kind, subject }, page);
    await put(auditText(events, format));
    count += events.length;
    after = events.at(-1)?.seq ?? after;
    if (events.length < page) {
      break;
    }
  }
  if (out) {
    target.end();
    await once(target, 'close');
    process.stderr.write(`✓ ${plural(count, 'entry', 'entries')} in ${out}.\n`);
  }
  return 0;
}

async function seal(pool: Pool, { before, out, undelivered }: AuditArguments): Promise<number> {
  const actor = `${userInfo().username} (command line)`;
  const sealed = await sealAudit(pool, { before: before!, out: out!, actor, undelivered });
  say(
    sealed
      ? `✓ Segment ${sealed.segment}: ${plural(sealed.entries, 'entry', 'entries')} in ${sealed.file} (SHA-256 ${sealed.sha256}). Keep it: the store has them no more.`
      : `✓ Nothing to seal: no linked entry is from before ${before!.toISOString()}.`
  );
  return 0;
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: NodeJS.ErrnoException) => {
    const wrong = error instanceof WrongCall ? `\n\n${usage}` : '';
    const denied =
      error.code === '42501' ? ' Sealing takes the owner of the tables: DATABASE_MIGRATE_URL or --database.' : '';
    process.stderr.write(`✗ audit: ${error.message.replace(/\.$/, '')}.${denied}${wrong}\n`);
    process.exit(error instanceof NotSealed ? 1 : 2);
  }
);
