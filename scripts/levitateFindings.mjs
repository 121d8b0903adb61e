/**
 * What speaks against a report of `levitate is-compatible`. Its exit code is not enough: a package that it could not compare, or
 * that it takes for unused, it passes over with a line of text.
 * @param {{code: number, output: string, target: string[]}} report exit code, all that it printed, the `name@version` it was asked for
 * @returns {string[]} none when each of the packages was compared and found compatible
 */
export function levitateFindings({ code, output, target }) {
  const compared = output.match(/Successfully compared versions/g)?.length ?? 0;
  const unused = target.filter(
    (wanted) => !output.includes(`Found ${wanted.slice(0, wanted.lastIndexOf('@'))} version`)
  );
  return [
    ...unused.map((wanted) => `it did not find ${wanted} installed`),
    ...(compared === target.length ? [] : [`it compared ${compared} of ${target.length} packages`]),
    ...(code === 0 ? [] : [`it ended with ${code}`]),
  ];
}
