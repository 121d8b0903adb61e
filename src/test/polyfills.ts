import { MessageChannel, MessagePort } from 'worker_threads';
import { ReadableStream, TransformStream, WritableStream } from 'stream/web';

// jsdom leaves these out; React's server renderer inside @grafana/ui and MSW ask for them.
Object.assign(globalThis, { MessageChannel, MessagePort, ReadableStream, TransformStream, WritableStream });
