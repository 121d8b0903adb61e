export const repoRoot: string;
export function packagesState(root: string): { fresh: boolean; why: string };
export function lockHash(root: string): string;
export function writeStamp(root: string): void;
export function ensurePackages(options?: { root?: string; mayInstall?: boolean; quiet?: boolean }): string;
export function fail(part: string, cause: string, remedy: string): never;
export function runUnder(node: string, file: string, args: readonly string[]): void;
