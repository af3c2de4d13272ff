/** The container's health: exit code 0 when the service says that it serves (grpc.health.v1). */
import { checkHealth } from '@sealtrack/rpc/health';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { healthAddress } from './health-address.ts';

const listen = process.env.SEALTRACK_LISTEN;
if (listen === undefined) {
  console.error(
    'SEALTRACK_LISTEN is not set. Set it for the whole container: the health check reads it too.',
  );
  process.exit(1);
}
const address = healthAddress(listen);
const health = await checkHealth(address, { transport: PLAINTEXT, timeoutMs: 5_000 });
console.log(`${address} ${health}`);
process.exit(health === 'SERVING' ? 0 : 1);
