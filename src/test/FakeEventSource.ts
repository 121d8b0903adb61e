import type { RunEvent } from '@dfr-ops/contracts';

type Listener = (event: MessageEvent | Event) => void;

/** The browser's EventSource, driven by the test: `send` an event, `fail` the connection. */
export class FakeEventSource {
  static opened: FakeEventSource[] = [];
  readonly url: string;
  readyState = 1;
  private readonly listeners = new Map<string, Listener[]>();

  constructor(url: string) {
    this.url = url;
    FakeEventSource.opened.push(this);
  }

  static get newest(): FakeEventSource {
    return FakeEventSource.opened.at(-1)!;
  }

  static install(): void {
    FakeEventSource.opened = [];
    Object.assign(globalThis, { EventSource: FakeEventSource });
  }

  addEventListener(type: string, listener: Listener): void {
    this.listeners.set(type, [...(this.listeners.get(type) ?? []), listener]);
  }

  get closed(): boolean {
    return this.readyState === 2;
  }

  close(): void {
    this.readyState = 2;
  }

  send(event: RunEvent | string): void {
    const data = typeof event === 'string' ? event : JSON.stringify(event);
    this.emit('run', new MessageEvent('run', { data }));
  }

  fail(): void {
    this.emit('error', new Event('error'));
  }

  private emit(type: string, event: Event): void {
    this.listeners.get(type)?.forEach((listener) => listener(event));
  }
}
