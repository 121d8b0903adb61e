import type { FastifyInstance } from 'fastify';

/**
 * Refuses every request whose Host header names anything but this machine. Without it any web page could read from us:
 * its own domain may resolve to 127.0.0.1 (DNS rebinding), and then the browser takes us for that page's origin.
 */
export function refuseForeignHosts(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    if (!isLoopbackHost(request.headers.host)) {
      return reply
        .code(421)
        .type('text/plain')
        .send(`This server answers to loopback names only, not to "${request.headers.host ?? ''}".\n`);
    }
  });
}

/** Whether a Host header (`name` or `name:port`) names this machine itself. */
export function isLoopbackHost(header: string | undefined): boolean {
  return /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(:\d{1,5})?$/i.test(header ?? '');
}
