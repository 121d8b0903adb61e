// What levitate reports without need. All of it is type-checked against the same release: see scripts/compat.mjs.
module.exports = {
  changes: [
    // Its members differ between any two releases; the bundle reads few of them.
    'config',
    // Nothing differs but how the type of a React component is printed.
    'AppPlugin.setRootPage',
    'DataSourcePlugin.setConfigEditor',
    'DataSourcePlugin.setQueryEditor',
  ],
  removals: [],
  additions: [],
};
