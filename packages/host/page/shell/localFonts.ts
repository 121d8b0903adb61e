/** Stands in for @grafana/ui's font faces at build time: the fonts' files are not on npm, so the machine's own are used. */
export function getFontStyles(): null {
  return null;
}
