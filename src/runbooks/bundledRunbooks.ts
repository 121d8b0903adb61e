// webpack puts every page of runbooks/ into this chunk, so that they can be read while the network is gone.
const context = require.context('../../runbooks', false, /\.md$/);

/** Markdown by file name without `.md`: the alert's name. */
export const bundledRunbooks: Record<string, string> = Object.fromEntries(
  context.keys().map((key) => [key.replace(/^\.\//, '').replace(/\.md$/, ''), textOf(context(key))])
);

function textOf(module: string | { default: string }): string {
  return typeof module === 'string' ? module : module.default;
}
