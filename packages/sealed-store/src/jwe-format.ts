import { AppError } from '@sealtrack/errors/app-error';
import { canonicalPart } from '@sealtrack/jose/canonical';
import { ALG, ENC } from '@sealtrack/jose/jwe';

const MAX_HEADER_LENGTH = 2048;
/** Of wrapped key (RFC 3394), nonce, and tag. */
const WRAPPED_BYTES = 40;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * What a JWE in compact serialisation (RFC 7516) must look like, exactly. Every field of its header is authenticated; a new
 * field or algorithm takes a new `typ`.
 */
export interface JweShape {
  readonly typ: string;
  /** The fields of its header apart from `typ`, `alg`, `enc` and `kid`, which all have. */
  readonly fields: readonly string[];
  readonly maxLength: number;
  readonly isSize: (contentBytes: number) => boolean;
  readonly malformed: () => AppError;
}

/**
 * Reads the header without opening the JWE, so what it says is not to be trusted yet. Nothing of a blob that is not exactly
 * of its shape reaches the library: it would inflate `zip` and derive keys from passwords.
 * @throws AppError SEAL_BROKEN.
 */
export function readJweHeader(jwe: string, shape: JweShape): Readonly<Record<string, string>> {
  const { malformed } = shape;
  if (jwe.length > shape.maxLength) throw malformed();
  const [header, wrapped, nonce, content, tag, more] = jwe.split('.');
  if (header === undefined || header.length > MAX_HEADER_LENGTH || more !== undefined) throw malformed();
  const [fields, key, iv, sealed, mac] = [header, wrapped, nonce, content, tag].map(canonicalPart);
  const sizes = [key?.length, iv?.length, mac?.length];
  if (fields === undefined || sizes.join() !== [WRAPPED_BYTES, NONCE_BYTES, TAG_BYTES].join())
    throw malformed();
  if (sealed === undefined || !shape.isSize(sealed.length)) throw malformed();

  const said = parseStrings(fields);
  const expected = ['alg', 'enc', 'kid', 'typ', ...shape.fields].sort().join();
  if (said === undefined || Object.keys(said).sort().join() !== expected) throw malformed();
  if (said.typ !== shape.typ || said.alg !== ALG || said.enc !== ENC) throw malformed();
  return said;
}

/** A JSON object of strings. */
function parseStrings(bytes: Buffer): Record<string, string> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  if (Object.values(value).some((field) => typeof field !== 'string')) return undefined;
  return value as Record<string, string>;
}

export const sealBroken = (message: string, fix: string, cause?: unknown) =>
  new AppError('SEAL_BROKEN', message, { fix, cause });
