import { AppError } from '@sealtrack/errors/app-error';
import { parseTenantId } from '@sealtrack/ids/parse';
import { z } from 'zod';
import type { Asked } from './handler.ts';

/** What a browser sent, by a schema. @throws AppError INVALID_ARGUMENT, with the field that is wrong. */
export function parseInput<Out>(schema: z.ZodType<Out>, input: unknown): Out {
  const { success, data, error } = schema.safeParse(input);
  if (success) return data;
  const { path = [], message = 'is malformed' } = error.issues[0] ?? {};
  const field = path.join('.');
  throw new AppError(
    'INVALID_ARGUMENT',
    `${field === '' ? 'What was sent' : field} cannot be taken: ${message}`,
    {
      fix: 'Correct it, and send it again.',
      details: field === '' ? {} : { field },
    },
  );
}

const PARAMS = z.record(z.string(), z.string());

/** A part of the address, such as `tenant`; unchecked. */
export const partOf = ({ request }: Asked, name: string): string =>
  parseInput(PARAMS, request.params ?? {})[name] ?? '';

/** @throws AppError INVALID_ARGUMENT. */
export const tenantOf = (asked: Asked) => parseTenantId(partOf(asked, 'tenant'));

/** "1" for yes; anything else would be a guess. */
export const flag = z
  .enum(['0', '1'])
  .optional()
  .transform((text) => text === '1');

/** Services say more exactly what they take; nothing that is longer gets as far. */
export const shortText = z.string().max(1_000);
/** A mark of a page, as a service made it. */
export const pageMark = z.string().max(2_000).default('');

/** Of a profile or settings, in decimal digits. */
export const revision = z
  .string()
  .regex(/^[1-9]\d{0,18}$/, 'is not a revision')
  .transform(BigInt);

export const time = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

/** A list of certificates that somebody has put together. */
export const certificateIds = z
  .array(z.string().regex(/^[0-9a-f]{64}$/, 'is not the id of a certificate'))
  .max(100);

/** A mark of a page that is a number in a stream; undefined on the first one. */
export const sequenceMark = z
  .string()
  .regex(/^[1-9]\d{0,14}$/, 'is not the mark of a page')
  .transform(Number)
  .optional();
