import type { ReadStream } from 'node:tty';

/** Asks on the terminal and reads a line without showing it. Rejects at Ctrl-C and at the end of the input. */
export function readSecretly(question: string, input: ReadStream, output: NodeJS.WritableStream): Promise<string> {
  output.write(question);
  input.setRawMode(true);
  input.resume();
  return new Promise((resolve, reject) => {
    let typed: string[] = [];
    const end = (settle: () => void) => {
      input.setRawMode(false);
      input.pause();
      input.off('data', hear);
      output.write('\n');
      settle();
    };
    const hear = (chunk: Buffer) => {
      for (const character of chunk.toString('utf8')) {
        switch (character) {
          case '\r':
          case '\n':
            return end(() => resolve(typed.join('')));
          case '\u0003':
          case '\u0004':
            return end(() => reject(new Error('Nothing was changed.')));
          case '\u007f':
          case '\b':
            typed.pop();
            break;
          case '\u0015':
            typed = [];
            break;
          default:
            typed.push(character);
        }
      }
    };
    input.on('data', hear);
  });
}
