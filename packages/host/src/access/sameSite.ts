import type { FastifyReply, FastifyRequest } from 'fastify';
import type { HostConfig } from '../config.ts';

/**
 * Refuses requests that name another host (DNS rebinding) and writes that come from another origin.
 * Allowed are the public address and the address that is listened on. Where a password lets people in, a write has to say its
 * origin: every browser does.
 */
export function sameSiteCheck(config: Pick<HostConfig, 'publicUrl' | 'listen' | 'access'>) {
  const publicUrl = new URL(config.publicUrl);
  const listen = (request: FastifyRequest) => `${config.listen.host}:${request.socket.localPort}`;

  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const host = request.headers.host ?? '';
    if (host !== publicUrl.host && host !== listen(request)) {
      return reply.code(421).send({
        message: `This host is ${publicUrl.host}; the request asked for "${host}". Open ${config.publicUrl} instead.`,
      });
    }
    const { origin } = request.headers;
    const writes = request.method !== 'GET' && request.method !== 'HEAD';
    if (writes && origin === undefined && config.access === 'password') {
      return reply.code(403).send({ message: 'Requests without an Origin may not change anything here.' });
    }
    if (writes && origin !== undefined && origin !== publicUrl.origin && origin !== `http://${listen(request)}`) {
      return reply.code(403).send({ message: `Requests from ${origin} may not change anything here.` });
    }
    return undefined;
  };
}
