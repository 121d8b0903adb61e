import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { request } from 'undici';
import type { Datasource } from '../datasources/datasource.ts';

/** What happened at the console's door, as the action service takes it at `POST /hooks/console`. */
export interface LoginEvent {
  kind: 'login' | 'login_failed' | 'locked' | 'logout';
  /** `console:` and a name that is known; `console:?` for any other: people type passwords into the wrong field. */
  login: string;
  /** Where the request came from. */
  address: string;
  userAgent: string;
  /** Failures of this name in a row; 0 where it is not about that. */
  failures: number;
  /** Seconds for which the name is locked; 0 where it is not. */
  lockedSeconds: number;
}

const firstPauseMs = 1000;
const longestPauseMs = 60_000;
const timeoutMs = 5000;
/** Nobody fails so often within what the lock lets through; a full disk or a lost service must not grow without end. */
const mostWaiting = 2000;

/**
 * Tells the action service, which audits and notifies. Each event is a file until it was taken, so that none is lost with the
 * process or while the service is down; the login waits for the file only.
 */
export class LoginEvents {
  readonly #folder: string;
  readonly #service: { url: string; secret: string } | null;
  readonly #log: (message: string) => void;
  readonly #now: () => number;
  #timer: NodeJS.Timeout | undefined;
  #pause = firstPauseMs;
  #sending: Promise<void> = Promise.resolve();
  #waiting = 0;
  /** Events of one millisecond keep their order by it. */
  #told = 0;
  #closed = false;

  private constructor(
    folder: string,
    service: LoginEvents['service'],
    log: (message: string) => void,
    now: () => number
  ) {
    this.#folder = folder;
    this.#service = service;
    this.#log = log;
    this.#now = now;
  }

  get service(): { url: string; secret: string } | null {
    return this.#service;
  }

  static async open(
    dataDir: string,
    datasources: readonly Datasource[],
    log: (message: string) => void,
    now: () => number
  ): Promise<LoginEvents> {
    const folder = path.join(dataDir, 'login-events');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const events = new LoginEvents(folder, serviceOf(datasources), log, now);
    events.#waiting = (await events.#files()).length;
    events.#send();
    return events;
  }

  async tell(event: LoginEvent): Promise<void> {
    this.#log(`console ${event.kind}: ${event.login} from ${event.address}`);
    if (this.#waiting >= mostWaiting) {
      return;
    }
    this.#waiting += 1;
    const at = new Date(this.#now()).toISOString();
    const id = randomUUID();
    this.#told += 1;
    const name = `${at.replaceAll(':', '')}-${String(this.#told).padStart(9, '0')}-${id}.json`;
    const handle = await open(path.join(this.#folder, name), 'wx', 0o600);
    try {
      await handle.writeFile(JSON.stringify({ id, at, ...event }));
      await handle.sync();
    } finally {
      await handle.close();
    }
    this.#send();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#sending;
  }

  #send(): void {
    clearTimeout(this.#timer);
    this.#sending = this.#sending.then(async () => {
      try {
        await this.#sendAll();
        this.#pause = firstPauseMs;
      } catch (error) {
        this.#log(`the action service was not told of a login: ${(error as Error).message}; it is told again`);
        this.#pause = Math.min(this.#pause * 2, longestPauseMs);
        this.#later();
      }
    });
  }

  #later(): void {
    if (!this.#closed) {
      this.#timer = setTimeout(() => this.#send(), this.#pause).unref();
    }
  }

  async #sendAll(): Promise<void> {
    for (const name of await this.#files()) {
      if (this.#closed || this.#service === null) {
        return;
      }
      const file = path.join(this.#folder, name);
      const text = await readFile(file, 'utf8');
      // Half a file, of a process that was killed while it wrote, tells nothing.
      if (isJson(text)) {
        await post(this.#service, text);
      }
      await rm(file, { force: true });
      this.#waiting -= 1;
    }
  }

  async #files(): Promise<string[]> {
    return (await readdir(this.#folder)).filter((name) => name.endsWith('.json')).sort();
  }
}

async function post({ url, secret }: { url: string; secret: string }, body: string): Promise<void> {
  const answer = await request(`${url.replace(/\/+$/, '')}/hooks/console`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-dfr-ops-secret': secret },
    body,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  });
  const text = await answer.body.text();
  if (answer.statusCode > 299) {
    throw new Error(`it answered ${answer.statusCode} (${text.slice(0, 200)})`);
  }
}

/** The console has the route's secret already, to pass on what people do. */
function serviceOf(datasources: readonly Datasource[]): LoginEvents['service'] {
  const found = datasources.find(({ type }) => type === 'dfr-ops-datasource');
  const [url, secret] = [found?.jsonData['serviceUrl'], found?.secureJsonData['serviceSecret']];
  return typeof url === 'string' && typeof secret === 'string' ? { url, secret } : null;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
