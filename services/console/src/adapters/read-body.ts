import { AppError } from '@sealtrack/errors/app-error';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';

/** The body of a request, of a shape. @throws AppError INVALID_ARGUMENT with the field, and nothing of what was sent. */
export function readBody<T>({ body }: FastifyRequest, shape: z.ZodType<T>): T {
  const result = shape.safeParse(body);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = issue?.path.join('.') ?? '';
  throw new AppError('INVALID_ARGUMENT', 'The request is not of the shape that is taken here', {
    fix: `Mend ${field === '' ? 'its body, a JSON object' : `the field ${field}`}: ${issue?.message ?? 'it cannot be read'}.`,
    ...(field === '' ? {} : { details: { field } }),
  });
}
