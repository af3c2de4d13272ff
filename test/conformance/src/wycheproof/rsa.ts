import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readOnly, TAG } from '@sealtrack/certificates/der';
import type { Envelope } from '@sealtrack/envelope/envelope';
import {
  encodeKeyTransport,
  type KeyTransport,
  type OaepHash,
  parseKeyTransport,
} from '@sealtrack/envelope/key-transport';
import { type DecryptKey, unwrapDek } from '@sealtrack/envelope/unwrap';
import { ERROR, NOT_APPLICABLE, type Verdict } from '../verdict.ts';
import type { Case, Group } from './read-vectors.ts';

/** Ways to the same RSA operation, by name. */
export type Engines = Readonly<Record<string, DecryptKey>>;
type RsaCase = Case<'RSAES-PKCS1-v1_5'>;
type Finding = Pick<Verdict, 'got' | 'reason'>;

const SESSION_KEY_SIZE = 32;

const HASHES: Readonly<Record<string, OaepHash>> = {
  'SHA-1': 'sha1',
  'SHA-224': 'sha224',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

/** Undefined for a hash that is not taken, and for an MGF1 with another hash than OAEP's own. */
export function oaepTransport(
  { sha, mgf, mgfSha }: Group<'RSAES-OAEP'>,
  { label }: Case<'RSAES-OAEP'>,
): KeyTransport | undefined {
  const hash = HASHES[sha];
  return hash === undefined || mgf !== 'MGF1' || mgfSha !== sha
    ? undefined
    : { name: 'RSAES-OAEP', hash, label };
}

export const importKey = ({ privateKeyPkcs8 }: { privateKeyPkcs8: Buffer }): KeyObject =>
  createPrivateKey({ key: privateKeyPkcs8, format: 'der', type: 'pkcs8' });

/**
 * Every engine decrypts it twice, and all must give the same. Wrong means that nothing tells it from what is right: no
 * error, other bytes than the message, and a session key of full length for whoever goes on with it.
 */
export async function checkRsa(
  { msg, ct, result: expected }: RsaCase,
  transport: KeyTransport | undefined,
  privateKey: KeyObject,
  engines: Engines,
): Promise<Finding> {
  if (transport === undefined)
    return { got: NOT_APPLICABLE, reason: 'OAEP is read with one hash of SHA-1 and SHA-2, for MGF1 as well' };
  // As a recipient of an envelope names it.
  const named = parseKeyTransport(readOnly(encodeKeyTransport(transport), TAG.sequence));
  if (named === undefined) return { got: ERROR, reason: 'the algorithm is not read as it is written' };
  const results: Buffer[] = [];
  for (const [engine, decryptKey] of Object.entries(engines)) {
    try {
      results.push(await decryptKey(named, privateKey, ct), await decryptKey(named, privateKey, ct));
      const dek = await unwrapDek(envelopeOf(named, ct), { privateKey }, decryptKey);
      const wanted = msg.length === SESSION_KEY_SIZE && expected !== 'invalid' ? msg : undefined;
      if (dek.length !== SESSION_KEY_SIZE || wanted?.equals(dek) === false)
        return { got: ERROR, reason: `${engine}: unwrapping gave another session key` };
    } catch (error) {
      return { got: ERROR, reason: `${engine}: ${error}` };
    }
  }
  const [first, ...others] = results;
  if (first === undefined || others.some((other) => !other.equals(first)))
    return { got: ERROR, reason: 'not the same every time and everywhere' };
  return judge(transport, msg, first);
}

function judge(transport: KeyTransport, msg: Buffer, result: Buffer): Finding {
  if (transport.name === 'RSAES-OAEP' && msg.length === 0 && result.length === 0)
    return { got: NOT_APPLICABLE, reason: 'no session key is empty, so that is how failure looks' };
  if (result.equals(msg)) return { got: 'valid', reason: '' };
  if (result.length > 0) return { got: 'invalid', reason: 'other bytes, the same every time' };
  return { got: 'invalid', reason: 'nothing, which becomes a random session key' };
}

const envelopeOf = (keyTransport: KeyTransport, encryptedKey: Buffer): Envelope => ({
  der: Buffer.alloc(0),
  cipher: 'AES-256-CBC',
  iv: Buffer.alloc(16),
  recipients: [{ id: { kind: 'other' }, keyTransport, encryptedKey }],
  mac: undefined,
  authAttributes: undefined,
});
