import type { ErrorCode } from '@sealtrack/errors/codes';

/** What there is to know about a server program before one is running. */
export interface ServerKind {
  readonly name: string;
  /** Names the address of a server that somebody else runs. */
  readonly urlVariable: string;
  readonly executables: readonly string[];
  readonly image: string;
  /** The port it listens on inside its container. */
  readonly containerPort: number;
  readonly aptPackage: string;
  readonly brewFormula: string;
  /** What its absence means to the rest of the system. */
  readonly missingCode: ErrorCode;
}

export const NATS: ServerKind = {
  name: 'nats',
  urlVariable: 'SEALTRACK_NATS_URL',
  executables: ['nats-server'],
  image: 'nats:2.10',
  containerPort: 4222,
  aptPackage: 'nats-server',
  brewFormula: 'nats-server',
  missingCode: 'BUS_UNAVAILABLE',
};

export const REDIS: ServerKind = {
  name: 'redis',
  urlVariable: 'SEALTRACK_REDIS_URL',
  executables: ['redis-server', 'valkey-server'],
  image: 'redis:8.0',
  containerPort: 6379,
  aptPackage: 'redis-server',
  brewFormula: 'redis',
  missingCode: 'INDEX_UNAVAILABLE',
};
