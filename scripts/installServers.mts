import { ensurePrograms } from '../packages/launcher/src/native/debianPackages.ts';

try {
  ensurePrograms({ mayInstall: true, say: (line) => console.log(line) });
} catch (error) {
  console.log(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
