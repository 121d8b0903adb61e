const CLOSE_MS = 4500;

/** Runs a stand-in until SIGTERM or SIGINT, then ends with 0 within 5 s; ends with 1 and one clear line when it cannot start. */
export async function runStandIn(name: string, start: () => Promise<() => Promise<void>>): Promise<void> {
  try {
    const stop = await start();
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        setTimeout(() => process.exit(0), CLOSE_MS).unref();
        void stop().finally(() => process.exit(0));
      });
    }
  } catch (error) {
    process.stderr.write(`${name}: ${describe(error as NodeJS.ErrnoException & { port?: number })}\n`);
    process.exit(1);
  }
}

function describe(error: NodeJS.ErrnoException & { port?: number }): string {
  if (error.code === 'EADDRINUSE') {
    return `port ${error.port} is taken. Stop the program that listens there, or choose another port.`;
  }
  return error.message;
}
