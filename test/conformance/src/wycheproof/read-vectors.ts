import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { AppError } from '@sealtrack/errors/app-error';
import { z } from 'zod';

/** Bytes as hexadecimal digits. */
const bytes = z
  .string()
  .regex(/^([0-9a-f]{2})*$/i)
  .transform((digits): Buffer => Buffer.from(digits, 'hex'));

const result = z.enum(['valid', 'invalid', 'acceptable']);
const aCase = { tcId: z.int(), comment: z.string(), result };

const shapes = {
  'RSAES-PKCS1-v1_5': z.object({
    testGroups: z.array(
      z.object({
        privateKeyPkcs8: bytes,
        tests: z.array(z.object({ ...aCase, msg: bytes, ct: bytes })),
      }),
    ),
  }),
  'RSAES-OAEP': z.object({
    testGroups: z.array(
      z.object({
        privateKeyPkcs8: bytes,
        sha: z.string(),
        mgf: z.string(),
        mgfSha: z.string(),
        tests: z.array(z.object({ ...aCase, msg: bytes, ct: bytes, label: bytes })),
      }),
    ),
  }),
  'AES-GCM': z.object({
    testGroups: z.array(
      z.object({
        tests: z.array(
          z.object({ ...aCase, key: bytes, iv: bytes, aad: bytes, msg: bytes, ct: bytes, tag: bytes }),
        ),
      }),
    ),
  }),
  'AES-CBC-PKCS5': z.object({
    testGroups: z.array(
      z.object({
        tests: z.array(z.object({ ...aCase, key: bytes, iv: bytes, msg: bytes, ct: bytes })),
      }),
    ),
  }),
};

export type Algorithm = keyof typeof shapes;
export const ALGORITHMS = Object.keys(shapes) as Algorithm[];
export type Group<A extends Algorithm> = z.infer<(typeof shapes)[A]>['testGroups'][number];
export type Case<A extends Algorithm> = Group<A>['tests'][number];

/** The groups of a file, under the algorithm that they are for. */
export type Vectors = {
  readonly [A in Algorithm]: {
    readonly algorithm: A;
    /** Of the file, without `_test.json`; the ids of its cases begin with it. */
    readonly name: string;
    readonly groups: readonly Group<A>[];
  };
}[Algorithm];

const anyFile = z.object({ algorithm: z.string(), numberOfTests: z.int().positive() });

/** Throws INVALID_ARGUMENT for a file that is not there, is damaged, or is for an algorithm that nothing here has. */
export async function readVectors(path: string): Promise<Vectors> {
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw unusable(path, 'cannot be read', cause);
  });
  try {
    const json: unknown = JSON.parse(text);
    const { algorithm, numberOfTests } = anyFile.parse(json);
    if (!isAlgorithm(algorithm)) throw unusable(path, `is for ${algorithm}, which Sealtrack does not have`);
    const { testGroups } = shapes[algorithm].parse(json);
    const found = testGroups.reduce((sum, { tests }) => sum + tests.length, 0);
    if (found !== numberOfTests) throw unusable(path, `has ${found} of its ${numberOfTests} cases`);
    const name = basename(path).replace(/(_test)?\.json$/, '');
    return { algorithm, name, groups: testGroups } as Vectors;
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw unusable(path, 'is not a file of Wycheproof vectors', error);
  }
}

const isAlgorithm = (name: string): name is Algorithm => Object.hasOwn(shapes, name);

const unusable = (path: string, why: string, cause?: unknown): AppError =>
  new AppError('INVALID_ARGUMENT', `${path} ${why}`, {
    fix: `Give whole files of Wycheproof test vectors for ${ALGORITHMS.join(', ')}.`,
    cause,
  });
