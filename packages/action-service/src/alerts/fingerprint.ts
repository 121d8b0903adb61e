import type { Labels } from '@dfr-ops/contracts';

const OFFSET_HIGH = 0xcbf29ce4;
const OFFSET_LOW = 0x84222325;
/** The low part of the FNV prime 2^40 + 0x1b3. */
const PRIME_LOW = 0x1b3;
const SEPARATOR = 0xff;
const encoder = new TextEncoder();

/**
 * Alertmanager's fingerprint of a label set: FNV-1a 64 over the labels sorted by name, each as name, 0xff, value, 0xff
 * (prometheus/common, model/signature.go). Labels with an empty value do not count: Prometheus drops them.
 * Answers 16 hex digits. Two 32-bit halves instead of BigInt, since a storm brings thousands every second.
 */
export function fingerprintOf(labels: Labels): string {
  let high = OFFSET_HIGH;
  let low = OFFSET_LOW;
  const add = (byte: number) => {
    const product = ((low ^ byte) >>> 0) * PRIME_LOW;
    const carry = Math.floor(product / 0x1_0000_0000);
    // h · 2^40 moves the low half up by 8 bits into the high one.
    high = (high * PRIME_LOW + carry + (((low ^ byte) << 8) >>> 0)) % 0x1_0000_0000;
    low = product >>> 0;
  };
  const names = Object.keys(labels)
    .filter((name) => labels[name] !== '')
    .sort(byBytes);
  for (const name of names) {
    for (const byte of encoder.encode(name)) {
      add(byte);
    }
    add(SEPARATOR);
    for (const byte of encoder.encode(labels[name])) {
      add(byte);
    }
    add(SEPARATOR);
  }
  return hex(high) + hex(low);
}

/** Go sorts strings by bytes, JavaScript by UTF-16 units; label names are ASCII but for Prometheus 3's UTF-8 names. */
function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function hex(half: number): string {
  return (half >>> 0).toString(16).padStart(8, '0');
}
