import { AppError } from '@sealtrack/errors/app-error';
import { checkHealth, type Health } from '@sealtrack/rpc/health';
import { type Addresses, TARGETS } from '../addresses.ts';
import { type Finding, ok, problem } from './finding.ts';

const SERVICES = ['ingest', 'recordings', 'crypto', 'profiles'] as const;
type Service = (typeof SERVICES)[number];

/** What each service says of itself (grpc.health.v1). */
export const checkServices = (addresses: Addresses): Promise<Finding[]> =>
  Promise.all(SERVICES.map((service) => checkService(addresses, service)));

async function checkService(addresses: Addresses, service: Service): Promise<Finding> {
  const { what, flag } = TARGETS[service];
  let address: string;
  try {
    address = addresses.of(service);
  } catch (error) {
    if (error instanceof AppError) return problem(what, error.message, error.fix);
    throw error;
  }
  return describe(what, address, flag, await checkHealth(address));
}

function describe(what: string, address: string, flag: string, health: Health): Finding {
  if (health === 'SERVING') return ok(what, `serving at ${address}`);
  if (health === 'NOT_SERVING')
    return problem(
      what,
      `runs at ${address}, but does not serve now`,
      'It waits for NATS, Redis or the media store, or is shutting down: its log says for which.',
    );
  return problem(
    what,
    `nothing answers at ${address}`,
    `Start it (npm start starts everything), or give its right address with ${flag}.`,
  );
}
