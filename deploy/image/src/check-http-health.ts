/** The health of a container that serves HTTP: exit code 0 when it says that it serves. */
import { once } from 'node:events';
import { request as requestPlain } from 'node:http';
import { request as requestSecured } from 'node:https';
import { healthUrl } from './health-address.ts';

const listen = process.env.SEALTRACK_LISTEN;
if (listen === undefined) {
  console.error(
    'SEALTRACK_LISTEN is not set. Set it for the whole container: the health check reads it too.',
  );
  process.exit(1);
}
const url = healthUrl(listen, process.env);
const signal = AbortSignal.timeout(5_000);
try {
  // Within its own container, where nobody else is; its certificate is for the name that browsers know it by.
  const asked = url.startsWith('https:')
    ? requestSecured(url, { signal, rejectUnauthorized: false })
    : requestPlain(url, { signal });
  const [{ statusCode }] = await once(asked.end(), 'response', { signal });
  console.log(`${url} ${statusCode}`);
  process.exit(statusCode === 200 ? 0 : 1);
} catch (error) {
  console.error(`${url} does not answer: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}
