import { MessageChannel as NodeMessageChannel, MessagePort } from 'worker_threads';
import { ReadableStream, TransformStream, WritableStream } from 'stream/web';

/** Node's own keeps the process alive while a port listens; React's scheduler listens for ever. */
class MessageChannel extends NodeMessageChannel {
  constructor() {
    super();
    queueMicrotask(() => {
      this.port1.unref();
      this.port2.unref();
    });
  }
}

// jsdom leaves these out; React's server renderer inside @grafana/ui and MSW ask for them.
Object.assign(globalThis, { MessageChannel, MessagePort, ReadableStream, TransformStream, WritableStream });
