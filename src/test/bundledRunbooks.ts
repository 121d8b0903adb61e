import { existsSync, readdirSync, readFileSync } from 'fs';
import { join } from 'path';

const folder = join(__dirname, '..', '..', 'runbooks');

/** What webpack bundles, read from the same folder. */
export const bundledRunbooks: Record<string, string> = Object.fromEntries(
  (existsSync(folder) ? readdirSync(folder) : [])
    .filter((file) => file.endsWith('.md'))
    .map((file) => [file.replace(/\.md$/, ''), readFileSync(join(folder, file), 'utf8')])
);
