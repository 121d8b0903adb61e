declare namespace NodeJS {
  interface Require {
    /** webpack's own: the modules of a folder, by path. */
    context(
      folder: string,
      deep: boolean,
      files: RegExp
    ): { keys(): string[]; (key: string): string | { default: string } };
  }
}
