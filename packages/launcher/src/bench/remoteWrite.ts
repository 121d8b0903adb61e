/** Samples of one series: [milliseconds since 1970, value], oldest first. */
export interface TimeSeries {
  /** From `encodeLabels`. */
  labels: Buffer;
  samples: ReadonlyArray<readonly [number, number]>;
}

/** Sends samples by Prometheus' remote-write protocol 1.0. Throws with Prometheus' words when it refuses them. */
export async function remoteWrite(prometheusUrl: string, series: readonly TimeSeries[]): Promise<void> {
  const answer = await fetch(`${prometheusUrl}/api/v1/write`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-protobuf',
      'content-encoding': 'snappy',
      'x-prometheus-remote-write-version': '0.1.0',
    },
    body: new Uint8Array(asSnappy(Buffer.concat(series.map(encodeSeries)))),
    signal: AbortSignal.timeout(60_000),
  });
  if (!answer.ok) {
    throw new Error(`Prometheus refused the samples: ${answer.status} ${(await answer.text()).trim()}`);
  }
}

/** Labels as the protocol wants them: sorted by name. */
export function encodeLabels(labels: Readonly<Record<string, string>>): Buffer {
  const pairs = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return Buffer.concat(pairs.map(([name, value]) => field(1, Buffer.concat([text(1, name), text(2, value)]))));
}

function encodeSeries({ labels, samples }: TimeSeries): Buffer {
  const body = Buffer.alloc(samples.length * SAMPLE_BYTES);
  samples.forEach(([at, value], index) => encodeSample(body, index * SAMPLE_BYTES, at, value));
  return field(1, Buffer.concat([labels, body]));
}

/** Times of our century take six bytes as a varint, so each sample is as long as the other. */
const SAMPLE_BYTES = 18;

function encodeSample(body: Buffer, offset: number, at: number, value: number): void {
  body[offset] = 0x12;
  body[offset + 1] = SAMPLE_BYTES - 2;
  body[offset + 2] = 0x09;
  body.writeDoubleLE(value, offset + 3);
  body[offset + 11] = 0x10;
  varint(at).copy(body, offset + 12);
}

const text = (number: number, value: string) => field(number, Buffer.from(value));

/** A length-delimited field of a protobuf message. */
function field(number: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | 2]), varint(body.length), body]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  // Beyond 2³¹ the bit operators are of no use.
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) {
    bytes.push((rest % 0x80) | 0x80);
  }
  return Buffer.from([...bytes, rest]);
}

const CHUNK = 65_536;

/** Snappy's block format with literals only: nothing is compressed, which is allowed, and on loopback costs nothing. */
function asSnappy(data: Buffer): Buffer {
  const blocks: Buffer[] = [varint(data.length)];
  for (let at = 0; at < data.length; at += CHUNK) {
    const chunk = data.subarray(at, at + CHUNK);
    const tag = Buffer.from([61 << 2, 0, 0]);
    tag.writeUInt16LE(chunk.length - 1, 1);
    blocks.push(tag, chunk);
  }
  return Buffer.concat(blocks);
}
