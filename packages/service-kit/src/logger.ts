import { AppError } from '@sealtrack/errors/app-error';
import { type DestinationStream, destination as fileDescriptor, pino } from 'pino';

/** What code may say to the log: facts first, then a fixed text that can be searched for. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface ProcessLog extends Log {
  /** The process ends after this line. */
  fatal(fields: object, message: string): void;
}

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Names that never hold anything for a log, at the top of a line or one level down. */
const NEVER = [
  'password',
  'passphrase',
  'secret',
  'privateKey',
  'privateKeyPem',
  'kek',
  'dek',
  'authorization',
];

/** A cause chain longer than this is a loop or a mistake. */
const MAX_CAUSES = 10;

interface LoggedError {
  readonly type: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

/** Everything that helps to find the fault: code, fix, details, stack, and the same of every cause. */
export function serializeError(error: unknown, depth = 0): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) };
  const more = (cause: unknown) => (depth < MAX_CAUSES ? serializeError(cause, depth + 1) : '…');
  const code = 'code' in error ? error.code : undefined;
  return {
    type: error.name,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    message: error.message,
    ...(error instanceof AppError ? { fix: error.fix, details: error.details } : {}),
    stack: error.stack,
    ...(error instanceof AggregateError ? { errors: error.errors.map(more) } : {}),
    ...(error.cause === undefined ? {} : { cause: more(error.cause) }),
  };
}

/** Errors whole, wherever they stand in a line; bytes never, for they may be a key. */
function presentable(fields: Record<string, unknown>): Record<string, unknown> {
  const shown = Object.entries(fields).map(([name, value]) => {
    if (value instanceof Error) return [name, serializeError(value)];
    if (ArrayBuffer.isView(value)) return [name, `[${value.byteLength} bytes]`];
    return [name, value];
  });
  return Object.fromEntries(shown);
}

export interface LoggerOptions {
  readonly service: string;
  readonly level?: LogLevel;
  /** Standard output unless told. */
  readonly destination?: DestinationStream;
}

/** One JSON object a line. Writes at once, so that the last line before the end of a process is not lost. */
export function createLogger({ service, level = 'info', destination }: LoggerOptions): ProcessLog {
  return pino(
    {
      level,
      base: { service },
      messageKey: 'msg',
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }), log: presentable },
      // Errors are made presentable above; pino's own way leaves out the fields of causes.
      serializers: { err: (shown: unknown) => shown },
      redact: { paths: NEVER.flatMap((name) => [name, `*.${name}`]), censor: '[secret]' },
    },
    destination ?? fileDescriptor({ fd: 1, sync: true }),
  );
}
