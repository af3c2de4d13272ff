import type { RedisConnection } from '@sealtrack/redis/connect';
import { orUnavailable } from '@sealtrack/sealed-store/or-unavailable';
import { type DurableOptions, writeDurably } from '@sealtrack/sealed-store/write-durably';
import type { HoldingKeys } from '../ports.ts';

const nameOf = (tenantId: string): string => `st:{${tenantId}}:holding`;

// It writes also what is there, so that what is confirmed covers a write before it that was not.
const CLAIM = `
local now = redis.call('GET', KEYS[1])
if (now or '') == ARGV[1] then now = ARGV[2] end
redis.call('SET', KEYS[1], now)
return now`;

/** The id of a certificate for each tenant, beside the certificates. */
export function createRedisHoldingKeys(
  { client }: Pick<RedisConnection, 'client'>,
  options: DurableOptions,
): HoldingKeys {
  return {
    current: (tenantId) => orUnavailable(async () => (await client.get(nameOf(tenantId))) ?? undefined),
    claim: (tenantId, before, next) =>
      orUnavailable(async () =>
        String(
          await writeDurably(client, options, (pipeline) =>
            pipeline.eval(CLAIM, 1, nameOf(tenantId), before ?? '', next),
          ),
        ),
      ),
  };
}
