import { CODES, type ErrorCode, type EventVerdict, type GrpcStatus } from './codes.ts';

export interface AppErrorOptions {
  /** The reader's next step, as one sentence. */
  readonly fix: string;
  /** Small, public facts for machines: the field, the id. Never a secret, never a payload. */
  readonly details?: Readonly<Record<string, string>>;
  /** What went wrong underneath. Logged whole, never sent to a client, never quoted in the message. */
  readonly cause?: unknown;
}

/** The one error type that may cross a boundary. Everything else is opaque outside its process. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly fix: string;
  readonly details: Readonly<Record<string, string>>;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.fix = options.fix;
    this.details = options.details ?? {};
  }

  get grpcStatus(): GrpcStatus {
    return CODES[this.code].grpc;
  }

  get eventVerdict(): EventVerdict {
    return CODES[this.code].event;
  }
}

export const hasCode = (error: unknown, code: ErrorCode): error is AppError =>
  error instanceof AppError && error.code === code;

/** An AppError as it is; anything else as an opaque INTERNAL with the original as its cause. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  return new AppError('INTERNAL', 'Something went wrong inside the service', {
    fix: "Look the time up in the service's log: the cause is there. Trying again later is safe.",
    cause: error,
  });
}
