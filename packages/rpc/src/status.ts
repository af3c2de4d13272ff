import { AppError } from '@sealtrack/errors/app-error';
import { isErrorCode } from '@sealtrack/errors/codes';
import { ClientError, Status } from 'nice-grpc-common';
import {
  ErrorInfo,
  type ErrorInfo as ErrorInfoMessage,
  LocalizedMessage,
  type LocalizedMessage as LocalizedMessageMessage,
  RetryInfo,
  RichClientError,
  RichServerError,
} from 'nice-grpc-error-details';
import type { Failed } from './channel-credentials.ts';

/** The `domain` of every google.rpc.ErrorInfo from here. */
export const ERROR_DOMAIN = 'sealtrack';

/** Details travel in HTTP/2 trailers, which many peers cap at 8 KiB in all. */
const clip = (text: string) => (text.length > 500 ? `${text.slice(0, 499)}…` : text);

/** Most tools show a status' text and not its details, so the code and the next step are in the text as well. */
const suffix = (code: string, fix: string) => ` [${code}] ${fix}`;

/** What `retry_after_ms` of the details says, for clients that know none of ours. */
function retryInfo({ retry_after_ms: text }: AppError['details']) {
  const ms = Number(text);
  if (text === undefined || !Number.isSafeInteger(ms) || ms < 0) return [];
  const retryDelay = { seconds: Math.floor(ms / 1_000), nanos: (ms % 1_000) * 1_000_000 };
  return [RetryInfo.fromPartial({ retryDelay })];
}

/**
 * The status, with the code and details as google.rpc.ErrorInfo, the next step as google.rpc.LocalizedMessage, and how long
 * to wait with it as google.rpc.RetryInfo.
 */
export function toServerError(error: AppError): RichServerError {
  const metadata = Object.fromEntries(
    Object.entries(error.details)
      .slice(0, 8)
      .map(([name, value]) => [name, clip(value)]),
  );
  const fix = clip(error.fix);
  return new RichServerError(Status[error.grpcStatus], clip(error.message) + suffix(error.code, fix), [
    ErrorInfo.fromPartial({ reason: error.code, domain: ERROR_DOMAIN, metadata }),
    LocalizedMessage.fromPartial({ locale: 'en', message: fix }),
    ...retryInfo(error.details),
  ]);
}

const isErrorInfo = (detail: { $type: string }): detail is ErrorInfoMessage =>
  detail.$type === ErrorInfo.$type;
const isNextStep = (detail: { $type: string }): detail is LocalizedMessageMessage =>
  detail.$type === LocalizedMessage.$type;

function fromDetails(error: RichClientError): AppError | undefined {
  const info = error.extra.find(isErrorInfo);
  if (info === undefined || info.domain !== ERROR_DOMAIN || !isErrorCode(info.reason)) return undefined;
  const fix = error.extra.find(isNextStep)?.message ?? 'Look the code up in docs/errors.md.';
  const end = suffix(info.reason, fix);
  const message = error.details.endsWith(end) ? error.details.slice(0, -end.length) : error.details;
  return new AppError(info.reason, message, {
    fix,
    details: info.metadata,
    cause: error,
  });
}

/** A failure that the transport made, not a handler: it has a status and a text, and no code of ours. */
function fromTransport(error: ClientError, address: string): AppError {
  const { code, path } = error;
  const made = (...[reason, message, fix]: [ConstructorParameters<typeof AppError>[0], string, string]) =>
    new AppError(reason, message, {
      fix,
      details: { address, method: path, status: Status[code] },
      cause: error,
    });
  const away = () =>
    made(
      'SERVICE_UNAVAILABLE',
      `The service at ${address} cannot be reached, or broke off the call`,
      `Check that it runs and listens on ${address}, and look at its log; then make the same call again.`,
    );
  switch (code) {
    case Status.DEADLINE_EXCEEDED:
      return made(
        'DEADLINE_EXCEEDED',
        `${address} did not answer in time`,
        'Make the same call again, with a later deadline if the work is large.',
      );
    case Status.RESOURCE_EXHAUSTED:
      return made(
        'INVALID_ARGUMENT',
        `A message was too large for ${path}`,
        'Send the data in smaller parts: 256 KiB each is best.',
      );
    case Status.INVALID_ARGUMENT:
      return made(
        'INVALID_ARGUMENT',
        `${address} refused the request as malformed`,
        'Compare it with proto/.',
      );
    case Status.UNIMPLEMENTED:
      return made(
        'INTERNAL',
        `The service at ${address} does not know ${path}`,
        'Check that the address belongs to the right service, and that it is of the same version as its caller.',
      );
    case Status.UNAVAILABLE:
      // There was a connection, and no HTTP/2 on it.
      if (/^No connection established\. Last error: (Failed to connect|[^.]*ECONNRESET)/.test(error.details))
        return made(
          'SERVICE_UNAVAILABLE',
          `${address} closed the connection at once`,
          'If it asks for TLS, use TLS here too (SEALTRACK_TLS). Otherwise look at its log, and make the same call again.',
        );
      return away();
    // CANCELLED, when this side did not cancel: the server was closed by force.
    case Status.CANCELLED:
    case Status.INTERNAL:
    case Status.UNKNOWN:
      return away();
    default:
      return made(
        'INTERNAL',
        `The service at ${address} failed with ${Status[code]}`,
        "Look at that service's log.",
      );
  }
}

/**
 * Why there is no connection, in the words of whoever refused it. gRPC's own are of the last attempt, which may have been
 * to another address of the same name; one to the same address is newer and says what is so now.
 */
function whyNoConnection(error: ClientError, failed: Failed | undefined): AppError | undefined {
  if (failed === undefined || !error.details.startsWith('No connection established')) return undefined;
  const unreachable = / connect E[A-Z]+ (\S+?)\.? /.exec(`${error.details} `)?.[1];
  if (unreachable === failed.remote) return undefined;
  const { code, message, fix, details, cause } = failed.error;
  return new AppError(code, message, {
    fix,
    details: { ...details, method: error.path, status: Status[error.code] },
    ...(cause === undefined ? {} : { cause }),
  });
}

/** What a call failed with, as the AppError that its server threw, or as one that says what the transport met. */
export function fromClientError(error: unknown, address: string, failed?: Failed): unknown {
  if (!(error instanceof ClientError)) return error;
  const said = error instanceof RichClientError ? fromDetails(error) : whyNoConnection(error, failed);
  return said ?? fromTransport(error, address);
}
