import { type ConfigOf, optionalSecretSetting, setting } from '@sealtrack/service-kit/config';
import { hostAndPort, names, urlOf, urlsOf, wholeNumber } from '@sealtrack/service-kit/config-types';
import { DEFAULT_AGENT_ATTRIBUTES } from './domain/agents.ts';

export const config = {
  listen: setting(
    'SEALTRACK_LISTEN',
    hostAndPort.default('127.0.0.1:7012'),
    'where to serve gRPC, 127.0.0.1:7012 unless told',
  ),
  natsUrl: setting('SEALTRACK_NATS_URL', urlsOf(['nats', 'tls']), 'the bus, such as nats://127.0.0.1:4222'),
  redisUrl: setting(
    'SEALTRACK_REDIS_URL',
    urlOf(['redis', 'rediss']),
    'the index, such as rediss://metadata-processor@redis.example:6379; redis:// with SEALTRACK_TLS=off',
  ),
  redisPassword: optionalSecretSetting(
    'SEALTRACK_REDIS_PASSWORD',
    'the password of the user in SEALTRACK_REDIS_URL; another one takes a restart',
  ),
  eventConcurrency: setting(
    'SEALTRACK_EVENT_CONCURRENCY',
    wholeNumber(1, 1024).default(64),
    'events of each kind indexed at a time, 64 unless told',
  ),
  eventAckWaitMs: setting(
    'SEALTRACK_EVENT_ACK_WAIT_MS',
    wholeNumber(1_000, 600_000).default(30_000),
    'milliseconds after which the events of a processor that fell silent go to another, 30000 unless told',
  ),
  agentAttributes: setting(
    'SEALTRACK_AGENT_ATTRIBUTES',
    names(16).default(DEFAULT_AGENT_ATTRIBUTES),
    `attributes of a recording that say who the agent is, with commas between, in any case; ${DEFAULT_AGENT_ATTRIBUTES.join(',')} unless told`,
  ),
};

export type Config = ConfigOf<typeof config>;
