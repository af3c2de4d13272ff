import type { KeyObject } from 'node:crypto';
import { AppError } from '@sealtrack/errors/app-error';
import jose from 'node-jose';
import { canonicalPart } from './canonical.ts';
import { algorithmsFor, type JwsAlgorithm } from './jws-algorithms.ts';
import { parseJsonObject } from './strict-json.ts';

/** Of what is signed, apart from the algorithm. */
export interface JwsFields {
  readonly typ: string;
  readonly kid?: string;
  /** Certificates as base64 of their DER, the one of the key first. */
  readonly x5c?: readonly string[];
}

/** What a JWS says of itself and of its content: nothing of it is to be believed before `verifyJws`. */
export interface UnverifiedJws {
  readonly jws: string;
  readonly header: {
    readonly alg: JwsAlgorithm;
    /** Empty where there is none. */
    readonly typ: string;
    readonly kid: string | undefined;
    readonly x5c: readonly string[] | undefined;
  };
  readonly claims: Readonly<Record<string, unknown>>;
  readonly signatureBytes: number;
}

const ALGORITHMS: readonly unknown[] = ['ES256', 'ES384', 'ES512', 'PS256', 'RS256'];
/**
 * Everything that a header may have. `crit` and `b64` would change what is signed, and `jku`, `jwk` and `x5u` would have
 * whoever signed choose the key that he is believed by. Nobody looks at the thumbprints.
 */
const FIELDS: readonly string[] = ['alg', 'typ', 'kid', 'x5c', 'cty', 'x5t', 'x5t#S256'];
const MAX_CERTIFICATES = 10;
const MAX_KID_LENGTH = 256;

/**
 * Signs claims as a compact JWS (RFC 7515), by the algorithm that the key is for: ES256, ES384, ES512 or PS256.
 * @throws AppError CONFIG_INVALID for a key that no such algorithm is for.
 */
export async function signJws(
  claims: Readonly<Record<string, unknown>>,
  key: KeyObject,
  fields: JwsFields,
): Promise<string> {
  const alg = algorithmsFor(key)?.sign;
  if (alg === undefined)
    throw new AppError('CONFIG_INVALID', 'The key is none to sign with here', {
      fix: 'Take an elliptic curve key on P-256, P-384 or P-521, or an RSA key of 2048 to 8192 bits.',
    });
  const jwk = await jose.JWK.asKey(key.export({ format: 'jwk' }));
  const signing = jose.JWS.createSign(
    { format: 'compact', fields: { alg, ...fields } },
    { key: jwk, reference: false },
  );
  return await signing.update(Buffer.from(JSON.stringify(claims))).final();
}

/** Takes a compact JWS of JSON apart; undefined for what is none, is longer than `maxLength`, or has a header with more than is known here. */
export function readJws(jws: string, maxLength: number): UnverifiedJws | undefined {
  if (jws.length > maxLength) return undefined;
  const parts = jws.split('.', 4);
  const [header, payload, signature] = parts.map(canonicalPart);
  if (parts.length !== 3 || !header || !payload || !signature) return undefined;
  const fields = parseJsonObject(header);
  const claims = parseJsonObject(payload);
  if (fields === undefined || claims === undefined) return undefined;
  if (Object.keys(fields).some((name) => !FIELDS.includes(name))) return undefined;
  const { alg, typ = '', kid, x5c } = fields;
  if (!isAlgorithm(alg) || typeof typ !== 'string') return undefined;
  if (kid !== undefined && (typeof kid !== 'string' || kid.length > MAX_KID_LENGTH)) return undefined;
  if (x5c !== undefined && !isTexts(x5c)) return undefined;
  return { jws, header: { alg, typ, kid, x5c }, claims, signatureBytes: signature.length };
}

/** Whether it is signed with the key, by an algorithm that the key is for, whatever the header would rather have. */
export async function verifyJws(
  { jws, header: { alg }, signatureBytes }: UnverifiedJws,
  key: KeyObject,
): Promise<boolean> {
  const suitable = algorithmsFor(key);
  if (!suitable?.verify.includes(alg) || signatureBytes !== suitable.bytes) return false;
  const jwk = await jose.JWK.asKey(key.export({ format: 'jwk' }));
  const verifying = jose.JWS.createVerify(jwk, { algorithms: [alg], allowEmbeddedKey: false });
  return await verifying.verify(jws).then(
    () => true,
    // The library tells a wrong signature and its own refusals in the same way, and neither is believed.
    () => false,
  );
}

const isAlgorithm = (value: unknown): value is JwsAlgorithm => ALGORITHMS.includes(value);

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length <= MAX_CERTIFICATES && value.every((each) => typeof each === 'string');
