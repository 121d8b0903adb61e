import type { Deps } from '../deps.ts';
import type { App } from './app.ts';

export async function incidentsRoutes(_app: App, _deps: Deps): Promise<void> {}
