import { AppError, hasCode } from '@sealtrack/errors/app-error';
import { checkHealth, type Health } from '@sealtrack/rpc/health';
import { TARGETS } from '../addresses.ts';
import type { Context } from '../context.ts';
import { type Finding, mayNotLook, ok, problem } from './finding.ts';

const SERVICES = ['ingest', 'recordings', 'crypto', 'profiles'] as const;
type Service = (typeof SERVICES)[number];

const LOOKUP_MS = 5_000;

/**
 * A lookup that needs what the service keeps its records in. A service goes on serving while Redis or NATS is away, so
 * its health does not tell; its answer does.
 */
const lookups: Partial<Record<Service, (context: Context) => Promise<unknown>>> = {
  recordings: async ({ recordings, tenantId, signal }) =>
    (await recordings()).listRecordings({ tenantId, pageSize: 1 }, { signal, deadlineMs: LOOKUP_MS }),
  crypto: async ({ certificates, tenantId, signal }) =>
    (await certificates()).listCertificates({ tenantId, pageSize: 1 }, { signal, deadlineMs: LOOKUP_MS }),
  profiles: async ({ profiles, tenantId, signal }) =>
    (await profiles()).listProfiles({ tenantId, pageSize: 1 }, { signal, deadlineMs: LOOKUP_MS }),
};

/** What each service says of itself (grpc.health.v1), and whether it can look up what it knows. */
export const checkServices = (context: Context): Promise<Finding[]> =>
  Promise.all(SERVICES.map((service) => checkService(context, service)));

async function checkService(context: Context, service: Service): Promise<Finding> {
  const { what, flag } = TARGETS[service];
  let address = '';
  try {
    address = context.addresses.of(service);
    const health = await checkHealth(address, { transport: await context.connections.to(service) });
    if (service === 'crypto' && health !== 'UNREACHABLE' && (await isSealed(context)))
      return ok(what, `runs at ${address}, and is sealed`);
    if (health !== 'SERVING') return notServing(what, address, flag, health);
    await lookups[service]?.(context);
    return ok(what, `serving at ${address}`);
  } catch (error) {
    if (hasCode(error, 'PERMISSION_DENIED')) return mayNotLook(what, `serving at ${address}`, error);
    if (error instanceof AppError) return problem(what, error.message, error.fix);
    throw error;
  }
}

/** It answers, and does not serve. What is to be done about that, check-seal.ts says. */
async function isSealed(context: Context): Promise<boolean> {
  try {
    await lookups.crypto?.(context);
    return false;
  } catch (error) {
    return hasCode(error, 'SEALED');
  }
}

function notServing(what: string, address: string, flag: string, health: Health): Finding {
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
