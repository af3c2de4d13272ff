import { children, contextTag, expectTag, TAG } from './der.ts';
import { type Algorithm, algorithmOf } from './der-values.ts';

/** How a certificate was signed. */
export interface SignatureAlgorithm {
  /** As OpenSSL calls it, such as `sha256WithRSAEncryption`; an OID when it has no name here. */
  readonly name: string;
  readonly strength: 'good' | 'old' | 'broken';
}

const good = (name: string): SignatureAlgorithm => ({ name, strength: 'good' });
/** Nobody forges a certificate that was issued long ago with it; new ones may be forged. */
const old = (name: string): SignatureAlgorithm => ({ name, strength: 'old' });
const broken = (name: string): SignatureAlgorithm => ({ name, strength: 'broken' });

const ALGORITHMS: Readonly<Record<string, SignatureAlgorithm>> = {
  '1.2.840.113549.1.1.2': broken('md2WithRSAEncryption'),
  '1.2.840.113549.1.1.3': broken('md4WithRSAEncryption'),
  '1.2.840.113549.1.1.4': broken('md5WithRSAEncryption'),
  '1.3.14.3.2.3': broken('md5WithRSA'),
  '1.2.840.113549.1.1.5': old('sha1WithRSAEncryption'),
  '1.3.14.3.2.29': old('sha1WithRSA'),
  '1.2.840.10040.4.3': old('dsa-with-SHA1'),
  '1.2.840.10045.4.1': old('ecdsa-with-SHA1'),
  '1.2.840.113549.1.1.14': good('sha224WithRSAEncryption'),
  '1.2.840.113549.1.1.11': good('sha256WithRSAEncryption'),
  '1.2.840.113549.1.1.12': good('sha384WithRSAEncryption'),
  '1.2.840.113549.1.1.13': good('sha512WithRSAEncryption'),
  '1.2.840.10045.4.3.1': good('ecdsa-with-SHA224'),
  '1.2.840.10045.4.3.2': good('ecdsa-with-SHA256'),
  '1.2.840.10045.4.3.3': good('ecdsa-with-SHA384'),
  '1.2.840.10045.4.3.4': good('ecdsa-with-SHA512'),
  '2.16.840.1.101.3.4.3.2': good('dsa_with_SHA256'),
  '1.3.101.112': good('ED25519'),
  '1.3.101.113': good('ED448'),
};

const PSS = '1.2.840.113549.1.1.10';
const PSS_HASHES: Readonly<Record<string, SignatureAlgorithm>> = {
  '1.2.840.113549.2.5': broken('rsassaPss with md5'),
  '1.3.14.3.2.26': old('rsassaPss with sha1'),
  '2.16.840.1.101.3.4.2.4': good('rsassaPss with sha224'),
  '2.16.840.1.101.3.4.2.1': good('rsassaPss with sha256'),
  '2.16.840.1.101.3.4.2.2': good('rsassaPss with sha384'),
  '2.16.840.1.101.3.4.2.3': good('rsassaPss with sha512'),
};
const SHA1 = '1.3.14.3.2.26';

/** Throws DerError. */
export function signatureAlgorithmOf(algorithm: Algorithm): SignatureAlgorithm {
  const { oid } = algorithm;
  if (oid !== PSS) return ALGORITHMS[oid] ?? good(oid);
  const hash = pssHashOf(algorithm);
  return PSS_HASHES[hash] ?? good(`rsassaPss with ${hash}`);
}

/** RFC 4055, 3.1: SHA-1 when nothing is said. */
function pssHashOf({ parameters }: Algorithm): string {
  if (parameters === undefined) return SHA1;
  const [hash] = children(expectTag(parameters, TAG.sequence), 4).filter(
    ({ tag }) => tag === contextTag(0, true),
  );
  return hash === undefined ? SHA1 : algorithmOf(children(hash, 1)[0]).oid;
}
