/** SQL that writes a timestamp as ISO 8601 with microseconds, as exact as the server has it: a shorter one matches nothing. */
export function isoTime(column: string): string {
  return `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
}
