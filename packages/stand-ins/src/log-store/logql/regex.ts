import { RE2JS, RE2JSSyntaxException } from 're2js';
import { LogQlError } from './query.ts';

/**
 * A regular expression of LogQL. It is RE2's dialect, and RE2's linear time: no query can hold the log store up.
 * @throws LogQlError in the words of Loki
 */
export function compileRegex(pattern: string, of = ''): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    if (error instanceof RE2JSSyntaxException) {
      throw new LogQlError(`parse error : ${of}${error.message}`);
    }
    throw error;
  }
}

/** As a label matcher has it: the whole value must match, over line breaks too. */
export function compileAnchored(pattern: string): RE2JS {
  compileRegex(pattern);
  return compileRegex(`^(?s:${pattern})$`);
}
