import { open, stat, type FileHandle } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';

/** Reads whole lines that are appended to a file, from where the file ends now. Notices when it is cut or replaced. */
export class FileTail {
  readonly #path: string;
  #offset = 0;
  #inode = 0;
  #rest = '';
  // A reading may end within a letter.
  #decoder = new StringDecoder('utf8');

  constructor(path: string) {
    this.#path = path;
  }

  /** Skips what is there already. A file that does not exist yet will be read from its start. */
  async skipExisting(): Promise<void> {
    const now = await stat(this.#path).catch(() => null);
    this.#offset = now?.size ?? 0;
    this.#inode = now?.ino ?? 0;
  }

  /** The lines since the last call, 1 MiB at most. */
  async readLines(): Promise<string[]> {
    const now = await stat(this.#path).catch(() => null);
    if (!now) {
      return [];
    }
    if (now.ino !== this.#inode || now.size < this.#offset) {
      this.#inode = now.ino;
      this.#offset = 0;
      this.#rest = '';
      this.#decoder = new StringDecoder('utf8');
    }
    if (now.size === this.#offset) {
      return [];
    }
    const file = await open(this.#path, 'r');
    try {
      return this.#split(await this.#readFrom(file, Math.min(now.size - this.#offset, 1 << 20)));
    } finally {
      await file.close();
    }
  }

  async #readFrom(file: FileHandle, length: number): Promise<string> {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, this.#offset);
    this.#offset += bytesRead;
    return this.#decoder.write(buffer.subarray(0, bytesRead));
  }

  #split(text: string): string[] {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    return lines.filter((line) => line !== '');
  }
}
