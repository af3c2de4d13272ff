import { readFile } from 'node:fs/promises';
import { readBundle } from '@sealtrack/certificates/x509/pem-bundle';
import { AppError } from '@sealtrack/errors/app-error';
import { z } from 'zod';

const pem = (label: 'CERTIFICATE' | 'X509 CRL') =>
  z.string().transform((text, context) => {
    const [der, ...more] = readBundle(Buffer.from(text, 'latin1'), label);
    if (der !== undefined && more.length === 0) return der;
    context.addIssue(`is not one ${label} in PEM`);
    return z.NEVER;
  });

const oneCase = z.object({
  id: z.string(),
  features: z.array(z.string()).nullable().default([]),
  trusted_certs: z.array(pem('CERTIFICATE')),
  untrusted_intermediates: z.array(pem('CERTIFICATE')),
  peer_certificate: pem('CERTIFICATE'),
  crls: z.array(pem('X509 CRL')).default([]),
  validation_time: z.iso.datetime({ offset: true }).nullable(),
  max_chain_depth: z.int().nullable().default(null),
  key_usage: z.array(z.string()).default([]),
  extended_key_usage: z.array(z.string()).default([]),
  expected_result: z.enum(['SUCCESS', 'FAILURE']),
  expected_peer_name: z.object({ kind: z.string(), value: z.string() }).nullable().default(null),
});

export type Case = z.infer<typeof oneCase>;

/** A file of cases, or a list of the ids of those that are wanted. */
const file = z.union([z.object({ testcases: z.array(oneCase).min(1) }), z.array(z.string()).min(1)]);

/**
 * The cases of the files. A file that is a list of ids leaves those only, and each of them has to be there. Throws
 * INVALID_ARGUMENT for a file that is not there, is damaged or is neither.
 */
export async function readCases(paths: readonly string[]): Promise<Case[]> {
  const files = await Promise.all(paths.map(readOne));
  const cases = files.flatMap((found) => (Array.isArray(found) ? [] : found.testcases));
  const lists = files.filter((found) => Array.isArray(found));
  if (lists.length === 0) return cases;
  const wanted = new Set(lists.flat());
  const chosen = cases.filter(({ id }) => wanted.has(id));
  if (chosen.length === wanted.size) return chosen;
  throw unusable(`${wanted.size - chosen.length} of the ${wanted.size} listed cases are in no file`);
}

async function readOne(path: string) {
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw unusable(`${path} cannot be read`, cause);
  });
  try {
    return file.parse(JSON.parse(text));
  } catch (cause) {
    throw unusable(`${path} has neither chains nor a list of ids`, cause);
  }
}

const unusable = (message: string, cause?: unknown): AppError =>
  new AppError('INVALID_ARGUMENT', message, {
    fix: 'Give files of chains in the form of x509-limbo, and if you like a JSON array of the ids that are wanted.',
    cause,
  });
