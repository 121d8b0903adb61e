import { MessageChannel, MessagePort } from 'worker_threads';
import { ReadableStream, TransformStream, WritableStream } from 'stream/web';

// jsdom leaves these out; React's server renderer inside @grafana/ui and MSW ask for them.
Object.assign(globalThis, { MessageChannel, MessagePort, ReadableStream, TransformStream, WritableStream });

// jsdom lays nothing out: an observer of sizes has nothing to tell.
class SilentObserver {
  observe() {}
  unobserve() {}
  disconnect() {}
}
Object.assign(globalThis, { ResizeObserver: SilentObserver });
