import type { Deps } from '../deps.ts';
import type { App } from './app.ts';

export async function hooksRoutes(_app: App, _deps: Deps): Promise<void> {}
