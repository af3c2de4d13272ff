import { createDecipheriv, createHash, generateKeyPairSync, publicEncrypt } from 'node:crypto';
import { AppError } from '@sealtrack/errors/app-error';
import { describe, expect, test, vi } from 'vitest';
import { decryptKeyHere } from './decrypt-key.ts';
import { type Envelope, parseEnvelope, suiteOf } from './envelope.ts';
import { inspectEnvelope } from './inspect.ts';
import { openMedia } from './open-media.ts';
import { pkcs7ToPem } from './pkcs7-pem.ts';
import { proveImplicitRejection } from './self-test.ts';
import { splicePkcs7 } from './splice.ts';
import {
  collect,
  createOwner,
  dekOf,
  inChunks,
  open,
  patterned,
  readFrom,
  sealFor,
  tagged,
} from './test-media.ts';
import { unwrapDek } from './unwrap.ts';

const [owner, stranger] = [await createOwner('owner'), await createOwner('stranger')];
const sealed = await sealFor([owner], inChunks(patterned(1000)));
const envelope = parseEnvelope(sealed.envelope);

/** Null when it was accepted. */
function failureOf(run: () => unknown): AppError | null {
  try {
    run();
    return null;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}

describe('parseEnvelope', () => {
  test('reads DER and PEM alike', () => {
    expect(parseEnvelope(pkcs7ToPem(sealed.envelope))).toEqual(envelope);
    expect(parseEnvelope(Buffer.from(`\r\n${pkcs7ToPem(sealed.envelope).replaceAll('\n', '\r\n')}`))).toEqual(
      envelope,
    );
    expect(envelope).toMatchObject({ cipher: 'AES-256-CBC', mac: undefined });
    expect(suiteOf(envelope)).toBe('pkcs7');
  });

  test('is not misled by a recipient whose name looks like PEM', async () => {
    const joker = await createOwner('-----BEGIN PKCS7-----');
    const media = await sealFor([joker], inChunks(patterned(1000)));
    expect((await open(media, joker)).equals(patterned(1000))).toBe(true);
  });

  test('refuses every beginning of an envelope, and anything after its end', () => {
    for (let size = 0; size < sealed.envelope.length; size += 1) {
      expect(failureOf(() => parseEnvelope(sealed.envelope.subarray(0, size)))?.code).toBe(
        'ENVELOPE_INVALID',
      );
    }
    const longer = Buffer.concat([sealed.envelope, Buffer.of(0)]);
    expect(failureOf(() => parseEnvelope(longer))).toMatchObject({
      code: 'ENVELOPE_INVALID',
      message: 'The envelope has bytes after its end',
    });
  });

  test.each([
    ['nothing', ''],
    ['a length past the end', '3084ffffffff'],
    ['a length of 127 bytes', `30ff${'00'.repeat(127)}`],
    ['a length that overflows', '3088ffffffffffffffff'],
    ['indefinite lengths without end', '3080'.repeat(100_000)],
    ['a tag number over 30', '3f8101020500'],
    ['an empty sequence', '3000'],
  ])('refuses %s', (_name, hex) => {
    const der = Buffer.from(hex, 'hex');
    expect(failureOf(() => parseEnvelope(der))?.code).toBe('ENVELOPE_INVALID');
    expect(failureOf(() => splicePkcs7(der, 16))?.code).toBe('ENVELOPE_INVALID');
    expect(failureOf(() => parseEnvelope(pkcs7ToPem(der)))?.code).toBe('ENVELOPE_INVALID');
  });

  test('answers 10,000 damaged envelopes with an envelope or an AppError', { timeout: 60_000 }, async () => {
    const random = numbers('damage');
    for (let run = 0; run < 10_000; run += 1) {
      const damaged = Buffer.from(sealed.envelope);
      for (let count = random(4) + 1; count > 0; count -= 1) damaged[random(damaged.length)] = random(256);
      const found = failureOf(() => parseEnvelope(damaged));
      if (found !== null) expect(found.code).toBe('ENVELOPE_INVALID');
      // The private key takes its time, so it sees only some of them.
      else if (run % 50 === 0) {
        const unwrapping = unwrapDek(parseEnvelope(damaged), owner, decryptKeyHere);
        const failure: unknown = await unwrapping.then(
          () => null,
          (error: unknown) => error,
        );
        if (failure !== null) expect(failure).toBeInstanceOf(AppError);
      }
      failureOf(() => splicePkcs7(damaged, 1008));
      failureOf(() => inspectEnvelope(damaged));
    }
  });

  test('makes nothing of the elements it passes over, however many', () => {
    const elements = Buffer.concat([
      Buffer.of(0x30, 0x80),
      Buffer.alloc(2 ** 19, Buffer.of(5, 0)),
      Buffer.of(0, 0),
    ]);
    const indefinite = Buffer.concat([Buffer.of(0x30, 0x80), elements, elements.subarray(0, 100)]);
    const views = vi.spyOn(Buffer.prototype, 'subarray');
    try {
      expect(failureOf(() => parseEnvelope(indefinite))?.code).toBe('ENVELOPE_INVALID');
      expect(views.mock.calls.length).toBeLessThan(100);
    } finally {
      views.mockRestore();
    }
  });

  test('is not kept busy by PEM that is mostly white space', { timeout: 60_000 }, () => {
    const pem = pkcs7ToPem(sealed.envelope);
    const padded = pem.replace('\n', ' '.repeat(2 ** 19));
    expect(parseEnvelope(padded)).toEqual(envelope);
    for (const broken of [
      padded.replace('END', 'DNE'),
      pem + pem,
      pem.replace('\n', '\n!'),
      pem.slice(0, -20),
    ]) {
      expect(failureOf(() => parseEnvelope(broken))?.code).toBe('ENVELOPE_INVALID');
    }
  });

  test('names what it does not know', () => {
    const other = Buffer.from(sealed.envelope);
    const oid = Buffer.from('60864801650304012a', 'hex');
    other.set([0x01], other.indexOf(oid) + oid.length - 1);
    expect(failureOf(() => parseEnvelope(other))?.message).toContain('a cipher not known here');
    const gcm = Buffer.from(sealed.envelope);
    gcm.set([0x2e], gcm.indexOf(oid) + oid.length - 1);
    expect(failureOf(() => parseEnvelope(gcm))?.message).toContain('AES-256-GCM in the wrong kind');
  });

  test('wants the ciphertext elsewhere', () => {
    const { prefix, suffix } = splicePkcs7(sealed.envelope, sealed.ciphertextSize);
    const file = Buffer.concat([prefix, sealed.ciphertext, suffix]);
    expect(failureOf(() => parseEnvelope(file))?.message).toContain('holds its ciphertext');
  });

  test('of AuthEnvelopedData has the MAC', async () => {
    const cms = await sealFor([owner], inChunks(patterned(1000)), { suite: 'cms' });
    const parsed = parseEnvelope(pkcs7ToPem(cms.envelope));
    expect(parsed).toMatchObject({ cipher: 'AES-256-GCM', authAttributes: undefined });
    expect(suiteOf(parsed)).toBe('cms');
    const dek = await dekOf(cms, owner);
    const decipher = createDecipheriv('aes-256-gcm', dek, parsed.iv, { authTagLength: 16 });
    decipher.setAuthTag(parsed.mac ?? Buffer.alloc(0));
    const plaintext = Buffer.concat([decipher.update(cms.ciphertext), decipher.final()]);
    expect(plaintext.equals(patterned(1000))).toBe(true);
  });
});

describe('unwrapDek', () => {
  const openWith = async (forged: Envelope) => {
    const dek = await unwrapDek(forged, owner, decryptKeyHere);
    return collect(openMedia(tagged(sealed), dek, readFrom(sealed.ciphertext)));
  };
  const withKey = (encryptedKey: Buffer): Envelope => ({
    ...envelope,
    recipients: envelope.recipients.map((recipient) => ({ ...recipient, encryptedKey })),
  });

  test('every wrong key fails alike, at the first segment and not before', async () => {
    const genuine = envelope.recipients[0]?.encryptedKey ?? Buffer.alloc(0);
    const flipped = Buffer.from(genuine);
    flipped[100] = (flipped[100] ?? 0) ^ 1;
    const { publicKey } = owner.certificate;
    const padding = 1;
    const forgeries = {
      'wrong padding': flipped,
      'a key of 16 bytes': publicEncrypt({ key: publicKey, padding }, Buffer.alloc(16)),
      'an empty key': publicEncrypt({ key: publicKey, padding }, Buffer.alloc(0)),
      'another key of 32 bytes': publicEncrypt({ key: publicKey, padding }, Buffer.alloc(32)),
      nothing: Buffer.alloc(0),
      'too short': genuine.subarray(1),
      'too long': Buffer.concat([genuine, genuine]),
      'a number over the modulus': Buffer.alloc(256, 0xff),
    };
    for (const [name, encryptedKey] of Object.entries(forgeries)) {
      const failure: unknown = await openWith(withKey(encryptedKey)).catch((error: unknown) => error);
      expect(failure, name).toMatchObject({ code: 'DECRYPTION_FAILED' });
      expect((failure as Error).cause).toBeUndefined();
    }
  });

  test('a wrong private key fails in the same way', async () => {
    const mixed = {
      certificate: owner.certificate,
      privateKey: stranger.privateKey,
      privateKeyPem: Buffer.alloc(0),
    };
    await expect(open(sealed, mixed)).rejects.toMatchObject({ code: 'DECRYPTION_FAILED' });
  });

  test('says who the media are not encrypted to', async () => {
    await expect(unwrapDek(envelope, stranger, decryptKeyHere)).rejects.toMatchObject({
      code: 'KEY_NOT_HELD',
      details: { certificateId: stranger.certificate.certificateId },
    });
  });

  test('refuses an envelope that names a recipient twice', async () => {
    const recipients = [...envelope.recipients, ...envelope.recipients];
    const unwrapping = unwrapDek({ ...envelope, recipients }, owner, decryptKeyHere);
    await expect(unwrapping).rejects.toMatchObject({ code: 'ENVELOPE_INVALID' });
  });

  test('does not hide a fault of the caller', async () => {
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const identity = { certificate: owner.certificate, privateKey: ec };
    await expect(unwrapDek(envelope, identity, decryptKeyHere)).rejects.toThrow(/type ec/);
  });
});

test('this runtime rejects implicitly', async () => {
  await proveImplicitRejection();
});

describe('splicePkcs7', () => {
  test('makes one envelope of both parts', () => {
    const { prefix, suffix, size } = splicePkcs7(sealed.envelope, sealed.ciphertextSize);
    const file = Buffer.concat([prefix, sealed.ciphertext, suffix]);
    expect(file.length).toBe(size);
    expect(
      file.subarray(prefix.length, prefix.length + sealed.ciphertextSize).equals(sealed.ciphertext),
    ).toBe(true);
  });

  test.each([127, 128, 65_535, 2 ** 31, 2 ** 32, 2 ** 40])(
    'counts %d bytes of ciphertext right',
    (ciphertextSize) => {
      const { prefix, suffix, size } = splicePkcs7(sealed.envelope, ciphertextSize);
      expect(size).toBe(prefix.length + ciphertextSize + suffix.length);
      const lengthBytes = (prefix[1] ?? 0) < 0x80 ? 0 : (prefix[1] ?? 0) - 0x80;
      expect(prefix.readUIntBE(2, lengthBytes)).toBe(size - 2 - lengthBytes);
    },
  );

  test('refuses an envelope that has its content already', () => {
    const { prefix } = splicePkcs7(sealed.envelope, 0);
    expect(failureOf(() => splicePkcs7(prefix, 16))?.message).toContain('holds its ciphertext');
  });
});

/** The same numbers below `limit` in every run. */
function numbers(seed: string): (limit: number) => number {
  let pool = createHash('sha512').update(seed).digest();
  let at = 0;
  return (limit) => {
    if (at + 4 > pool.length) {
      pool = createHash('sha512').update(pool).digest();
      at = 0;
    }
    const value = pool.readUInt32BE(at) % limit;
    at += 4;
    return value;
  };
}
