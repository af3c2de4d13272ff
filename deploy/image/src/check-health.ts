/** The container's health: exit code 0 when the service says that it serves (grpc.health.v1). */
import { checkHealth } from '@sealtrack/rpc/health';
import { openTransport } from '@sealtrack/service-kit/open-transport';
import { readTlsSettings } from '@sealtrack/service-kit/tls-settings';
import { healthAddress } from './health-address.ts';

const listen = process.env.SEALTRACK_LISTEN;
if (listen === undefined) {
  console.error(
    'SEALTRACK_LISTEN is not set. Set it for the whole container: the health check reads it too.',
  );
  process.exit(1);
}
const address = healthAddress(listen);
// With the service's own certificate, which is for the name that others call it by, and not for this address.
const settings = { ...readTlsSettings(process.env), targetNameCheck: 'no' } as const;
const silent = { info: () => {}, warn: () => {}, error: () => {} };
const { transport } = await openTransport(settings, silent);
const health = await checkHealth(address, { transport, timeoutMs: 5_000 });
console.log(`${address} ${health}`);
process.exit(health === 'SERVING' ? 0 : 1);
