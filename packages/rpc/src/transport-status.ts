import { Metadata, type StatusObject } from '@grpc/grpc-js';
import type { AppError } from '@sealtrack/errors/app-error';
import { Any, ErrorInfo, LocalizedMessage, RetryInfo } from 'nice-grpc-error-details';
// The package says it in no other way.
import { Status as StatusMessage } from 'nice-grpc-error-details/lib/proto/google/rpc/status.js';
import { toServerError } from './status.ts';

const TYPES = [ErrorInfo, LocalizedMessage, RetryInfo] as const;

/** As a handler's error reaches the client, for calls that never come to one. */
export function transportStatus(error: AppError): StatusObject {
  const { code, details, extra } = toServerError(error);
  const inAny = extra.flatMap((detail) => {
    const type = TYPES.find(({ $type }) => $type === detail.$type);
    if (type === undefined) return [];
    const value = Buffer.from(type.encode(detail as never).finish());
    return [Any.fromPartial({ typeUrl: `type.googleapis.com/${type.$type}`, value })];
  });
  const metadata = new Metadata();
  const status = StatusMessage.fromPartial({ code, message: details, details: inAny });
  metadata.set('grpc-status-details-bin', Buffer.from(StatusMessage.encode(status).finish()));
  return { code: code as number, details, metadata };
}
