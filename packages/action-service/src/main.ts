import { setFlagsFromString } from 'node:v8';

// It is idle most of its life, beside what it watches: V8's wish for speed at the price of memory costs it 40 MB. The flag holds
// for what is loaded after it.
setFlagsFromString('--optimize-for-size');
await import('./serve.ts');
