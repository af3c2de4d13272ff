import { connectRedis } from '@sealtrack/redis/connect';
import { type Environment, parseConfig, settingsOf } from '@sealtrack/service-kit/config';
import { createLogger } from '@sealtrack/service-kit/logger';
import { openTransport } from '@sealtrack/service-kit/open-transport';
import { tlsSettings } from '@sealtrack/service-kit/tls-settings';
import { config, originOf } from '../config.ts';
import { createRedisLinks } from './redis-links.ts';

const tree = {
  redis: { url: config.redisUrl, password: config.redisPassword },
  console: { listen: config.listen, publicUrl: config.publicUrl, http: config.http },
  tls: tlsSettings,
};

/**
 * A link with which one more account is made that may do everything, whatever accounts there are: for whoever runs the console, and has
 * lost the last administrator's password. It takes the environment of the service, as Redis is asked as the service asks it.
 * @throws AppError CONFIG_INVALID, INDEX_UNAVAILABLE.
 */
export async function newSetupLink(
  env: Environment,
): Promise<{ readonly link: string; readonly expiresAt: Date }> {
  const known: readonly string[] = settingsOf(tree).flatMap(({ name, alsoNamed }) => [name, ...alsoNamed]);
  const own = Object.fromEntries(Object.entries(env).filter(([name]) => known.includes(name)));
  const { redis: address, console: door, tls } = parseConfig(tree, own);
  using secured = await openTransport(tls, createLogger({ service: 'console', level: 'silent' }));
  await using redis = connectRedis({
    ...{ transport: secured.transport, name: 'console-setup' },
    ...address,
  });
  const { token, expiresAt } = await createRedisLinks(redis.client).make({ for: 'recovery' });
  const isTls = door.http.tls ?? (tls.enabled || door.http.certificate !== undefined);
  return { link: `${originOf(door, isTls, door.listen)}/setup#${token}`, expiresAt };
}
