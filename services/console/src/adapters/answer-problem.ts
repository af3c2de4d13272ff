import { AppError, toAppError } from '@sealtrack/errors/app-error';
import { parseTraceparent } from '@sealtrack/service-kit/trace';
import type { FastifyReply } from 'fastify';
import { problemOf } from '../domain/problem.ts';
import type { HealthView } from '../ports.ts';

/** Sends an error as application/problem+json; what has begun is broken off, so that it is never taken for whole. */
export function answerProblem(
  reply: FastifyReply,
  error: unknown,
  { health, traceparent }: { readonly health: HealthView; readonly traceparent: string },
): void {
  if (reply.raw.headersSent) return void reply.raw.destroy();
  const { error: shown, status } = shownError(error);
  const down = health.down().map(({ service, since }) => ({ service, since: since.toISOString() }));
  const traceId = parseTraceparent(traceparent)?.traceId ?? '';
  const { body, headers } = problemOf(shown, { traceId, down, status });
  reply.code(body.status).headers(headers).type('application/problem+json');
  reply.serializer(JSON.stringify);
  reply.send(body);
}

interface Shown {
  readonly error: AppError;
  readonly status?: number | undefined;
}

/** What fastify says of a request that it cannot read, in its own words; whatever else is no AppError is opaque. */
export function shownError(error: unknown): Shown {
  if (error instanceof AppError) return { error };
  const status = statusOf(error);
  if (status === undefined) return { error: toAppError(error) };
  const fix = FIXES[status] ?? 'Send it as the pages of the console do.';
  return {
    error: new AppError('INVALID_ARGUMENT', 'The request cannot be read', { fix, cause: error }),
    status,
  };
}

function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('statusCode' in error)) return undefined;
  const status = Number(error.statusCode);
  return status >= 400 && status < 500 ? status : undefined;
}

const FIXES: Readonly<Record<number, string>> = {
  413: 'Send less: it is larger than what is taken here.',
  415: 'Send JSON as application/json, or files as multipart/form-data where they are taken.',
};
