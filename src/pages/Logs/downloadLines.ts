import type { LogLine } from '../../ui/sources/queryLoki';

/** Saves the lines as a text file, oldest first, each led by its instant in UTC. */
export function downloadLines(lines: LogLine[], service: string): void {
  const text = [...lines].reverse().map((line) => `${new Date(line.time).toISOString()} ${line.text}\n`);
  const url = URL.createObjectURL(new Blob(text, { type: 'text/plain' }));
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.download = `${service}-${new Date().toISOString().replace(/[:.]/g, '-')}.log`;
  anchor.click();
  URL.revokeObjectURL(url);
}
