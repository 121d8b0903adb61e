// A container's health check: node docker/health.mjs URL, or node docker/health.mjs unix:SOCKET PATH.
// Ends with 0 when the answer is 200 within 3 s.
import { request } from 'node:http';

const [target, path = '/'] = process.argv.slice(2);
const options = target.startsWith('unix:') ? { socketPath: target.slice('unix:'.length), path } : target;
const asked = request(options, (answer) => process.exit(answer.statusCode === 200 ? 0 : 1));
asked.setTimeout(3000, () => process.exit(1));
asked.on('error', () => process.exit(1));
asked.end();
