import type { ProfileServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import type { RpcClient } from '@sealtrack/rpc/client';
import type { DescribeDeps } from '../describe-session.ts';

/** Signing in does not wait for long for what may be down. */
const DEADLINE_MS = 3_000;

export const createListTenants =
  (profiles: Pick<RpcClient<typeof ProfileServiceDefinition>, 'listTenants'>): DescribeDeps['listTenants'] =>
  async (person, call) => {
    const options = { ...call, onBehalfOf: person.names, deadlineMs: DEADLINE_MS };
    return (await profiles.listTenants({}, options)).tenantIds;
  };
