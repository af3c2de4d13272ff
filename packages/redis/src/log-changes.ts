import { type ConnectionProblem, connectionProblem } from '@sealtrack/tls/connection-problem';
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
const problemOf = (error: Error): ConnectionProblem | undefined =>
  /^(?:WRONGPASS|NOAUTH)\b/.test(error.message) ? NO_LOGIN : connectionProblem(error);

/** One line for each way in which Redis is not reachable, however often it is tried, and one when it is back. */
export function logChanges(client: Redis, facts: object, log: RedisLog | undefined): void {
  let said: string | undefined;
  // Without a listener ioredis prints the error itself.
  client.on('error', (error: Error) => {
    if (said === error.message) return;
    said = error.message;
    const { problem = 'is not reachable', fix } = problemOf(error) ?? {};
    log?.warn({ ...facts, err: error, ...(fix && { fix }) }, `Redis ${problem}; trying again`);
  });
  client.on('ready', () => {
    said = undefined;
    log?.info(facts, 'connected to Redis');
  });
}
