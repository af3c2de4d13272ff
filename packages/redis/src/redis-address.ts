import type { ConnectionOptions } from 'node:tls';
import { inspect } from 'node:util';
import { AppError } from '@sealtrack/errors/app-error';
import { PLAINTEXT, type Transport } from '@sealtrack/tls/tls';

/** A secret that is lent for the length of a call. */
export interface Lent {
  use<T>(work: (bytes: Buffer) => T): T;
}

/** In the words of ioredis. */
export interface RedisAddress {
  readonly host: string;
  readonly port: number;
  readonly db: number;
  readonly username?: string;
  readonly password?: string;
  readonly tls?: ConnectionOptions;
  /** host:port, for logs. */
  readonly shown: string;
}

interface Given {
  readonly url: string;
  readonly transport: Transport;
  readonly password?: Lent | undefined;
}

const REDIS_PORT = 6379;

/** @throws AppError CONFIG_INVALID, without the URL: it may hold a password. */
export function readAddress({ url: text, transport, password }: Given): RedisAddress {
  const url = URL.parse(text);
  if (url === null || !['redis:', 'rediss:'].includes(url.protocol) || url.hostname === '')
    throw invalid('is malformed', 'Give a URL such as rediss://crypto-server@redis.example:6379.');
  const secured = transport !== PLAINTEXT;
  if (secured && url.protocol === 'redis:')
    throw invalid(
      'is for connections in the clear, and connections here are secured',
      'Begin it with rediss:// and give Redis a TLS port; or set SEALTRACK_TLS=off for connections that anybody can read.',
    );
  if (!secured && url.protocol === 'rediss:')
    throw invalid(
      'is for a secured connection, and connections here are in the clear',
      'Set SEALTRACK_TLS=on and a certificate; or begin it with redis://.',
    );
  // There, a library would let it say how connections are secured.
  if (url.search !== '') throw invalid('has a part after "?"', 'Leave that part out: nothing is read there.');
  const inUrl = decodeURIComponent(url.password);
  if (inUrl !== '' && password !== undefined)
    throw invalid('has a password, and there is another', 'Keep the one in SEALTRACK_REDIS_PASSWORD_FILE.');
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const secret = password?.use(hidden) ?? (inUrl === '' ? undefined : hidden(Buffer.from(inUrl)));
  return {
    host,
    port: Number(url.port || REDIS_PORT),
    db: Number(url.pathname.slice(1) || 0),
    ...(url.username === '' ? {} : { username: decodeURIComponent(url.username) }),
    ...(secret === undefined ? {} : { password: secret }),
    ...(transport === PLAINTEXT ? {} : { tls: transport.client(host) }),
    shown: url.host,
  };
}

/**
 * Bytes that do not show: when a login fails, ioredis hands its error, with user and password in it, to every command that
 * waits, and errors are logged. It takes bytes wherever it says that it takes text.
 */
function hidden(secret: Buffer): string {
  const bytes = Object.assign(Buffer.from(secret), {
    toString: () => '[secret]',
    toJSON: () => '[secret]',
    [inspect.custom]: () => '[secret]',
  });
  return bytes as Buffer as unknown as string;
}

const invalid = (what: string, fix: string): AppError =>
  new AppError('CONFIG_INVALID', `The URL of Redis ${what}`, { fix });
