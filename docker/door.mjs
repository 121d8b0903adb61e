// Runs a program that listens on its own loopback only, and lets others of the container network in where a door says so:
//   node docker/door.mjs DOOR … -- PROGRAM
// DOOR is one of
//   tcp=LISTEN,TARGET         bytes as they come; who asks over HTTP keeps the Host header, and the program judges it
//   http=LISTEN,TARGET,PATH   requests for this path only, with the Host header of TARGET
// The programs refuse foreign Host headers because any web page may ask a loopback port of a person's machine. Therefore a
// port that is published gets a tcp door, and an http door stays inside the container network.
import { createServer as createHttpServer, request } from 'node:http';
import { connect, createServer } from 'node:net';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const divider = process.argv.indexOf('--');
const doors = process.argv.slice(2, divider);
const program = process.argv[divider + 1];

const addressOf = (text) => {
  const colon = text.lastIndexOf(':');
  return { host: text.slice(0, colon), port: Number(text.slice(colon + 1)) };
};

function tcpDoor(target) {
  return createServer((outside) => {
    const inside = connect(target);
    const end = () => {
      outside.destroy();
      inside.destroy();
    };
    outside.on('error', end).on('close', end);
    inside.on('error', end).on('close', end);
    outside.pipe(inside).pipe(outside);
  });
}

function httpDoor(target, path) {
  return createHttpServer((asked, reply) => {
    if (new URL(asked.url, 'http://door').pathname !== path) {
      reply.writeHead(404, { 'content-type': 'text/plain' }).end(`This door leads to ${path} only.\n`);
      return;
    }
    const headers = { ...asked.headers, host: `${target.host}:${target.port}` };
    const inside = request({ ...target, method: asked.method, path: asked.url, headers }, (answer) => {
      reply.writeHead(answer.statusCode, answer.headers);
      answer.pipe(reply);
    });
    inside.on('error', (error) =>
      reply.headersSent ? reply.destroy() : reply.writeHead(502).end(`${error.message}\n`)
    );
    reply.on('close', () => inside.destroy());
    asked.pipe(inside);
  });
}

if (divider < 0 || !program) {
  process.stderr.write('door: called wrongly. Use: node docker/door.mjs DOOR … -- PROGRAM\n');
  process.exit(2);
}
for (const door of doors) {
  const [kind, rest = ''] = door.split(/=(.*)/s);
  const [listen, target, path] = rest.split(',');
  const server = kind === 'http' ? httpDoor(addressOf(target), path) : tcpDoor(addressOf(target));
  server.on('error', (error) => {
    process.stderr.write(`door ${door}: ${error.message}\n`);
    process.exit(1);
  });
  server.listen(addressOf(listen));
}
await import(pathToFileURL(resolve(program)).href);
