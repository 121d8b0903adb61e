import { MessageChannel as NodeMessageChannel, MessagePort } from 'worker_threads';
import { ReadableStream, TransformStream, WritableStream } from 'stream/web';

// A port that listens would keep Jest from ending: React's scheduler listens on one for ever.
class MessageChannel extends NodeMessageChannel {
  constructor() {
    super();
    for (const port of [this.port1, this.port2]) {
      const on = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(port), 'onmessage') ?? {};
      Object.defineProperty(port, 'onmessage', {
        configurable: true,
        get: () => on.get?.call(port),
        set: (listener) => {
          on.set?.call(port, listener);
          port.unref();
        },
      });
    }
  }
}

// jsdom leaves these out; React's server renderer inside @grafana/ui and MSW ask for them.
Object.assign(globalThis, { MessageChannel, MessagePort, ReadableStream, TransformStream, WritableStream });

// jsdom lays nothing out: an observer of sizes has nothing to tell.
class SilentObserver {
  observe() {}
  unobserve() {}
  disconnect() {}
}
Object.assign(globalThis, { ResizeObserver: SilentObserver });
