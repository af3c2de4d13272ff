import {
  type ConnectionProblem,
  connectionProblem,
  refusesCertificate,
} from '@sealtrack/tls/connection-problem';
import type { Redis } from 'ioredis';

/** What is needed of a logger; pino is one. */
export interface RedisLog {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
}

const NO_LOGIN: ConnectionProblem = {
  problem: 'does not take the user and password of this process',
  fix: 'Compare the user in SEALTRACK_REDIS_URL and SEALTRACK_REDIS_PASSWORD with the ACL file that Redis has loaded (ACL LOAD).',
};

/** What Redis says of a login: that it is wrong, or that there has to be one. */
const LOGIN = /^(?:WRONGPASS|NOAUTH)\b/;

/**
 * Over TLS, what is no reason by itself has one. A server that refuses a certificate says so and closes the connection, and
 * what it said can get lost with that; one that does not speak TLS waits for the end of a line that never comes.
 */
const OVER_TLS: Readonly<Record<string, ConnectionProblem>> = {
  ECONNRESET: refusesCertificate('or it broke the connection off: it says no more'),
  EPIPE: refusesCertificate('or it broke the connection off: it says no more'),
  ETIMEDOUT: {
    problem: 'does not answer the TLS handshake',
    fix: 'Check that SEALTRACK_REDIS_URL has its TLS port, and that it runs.',
  },
};

function problemOf(error: Error, isSecured: boolean): ConnectionProblem | undefined {
  if (LOGIN.test(error.message)) return NO_LOGIN;
  const code: unknown = Reflect.get(error, 'code');
  return connectionProblem(error) ?? (isSecured && typeof code === 'string' ? OVER_TLS[code] : undefined);
}

/** One line for each way in which Redis is not reachable, however often it is tried, and one when it is back. */
export function logChanges(client: Redis, facts: object, log: RedisLog | undefined): void {
  let said: string | undefined;
  // Without a listener ioredis prints the error itself.
  client.on('error', (error: Error) => {
    if (said === error.message) return;
    said = error.message;
    const { problem = 'is not reachable', fix } = problemOf(error, client.options.tls !== undefined) ?? {};
    log?.warn({ ...facts, err: error, ...(fix && { fix }) }, `Redis ${problem}; trying again`);
  });
  client.on('ready', () => {
    said = undefined;
    log?.info(facts, 'connected to Redis');
  });
}
