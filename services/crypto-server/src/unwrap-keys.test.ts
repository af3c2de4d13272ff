import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { parseCertificate } from '@sealtrack/certificates/certificate';
import { createSelfSigned } from '@sealtrack/certificates/self-signed';
import type {
  UnwrapKeysRequest,
  WrappedKey,
} from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import type { MediaKeysUnwrapped } from '@sealtrack/contracts/gen/sealtrack/events/v1/audit';
import { createKeyDecryptionPool } from '@sealtrack/envelope/key-decryption-pool';
import { openMedia } from '@sealtrack/envelope/open-media';
import { recipientFromCertificate } from '@sealtrack/envelope/recipient';
import { createMediaSealer } from '@sealtrack/envelope/seal-media';
import { AppError } from '@sealtrack/errors/app-error';
import { createEncrypterTo } from '@sealtrack/sealed-store/encrypt-to-key';
import { noMetrics } from '@sealtrack/service-kit/metrics';
import { noteLines } from '@sealtrack/service-kit/testing/note-lines';
import { compactDecrypt } from 'jose';
import { afterAll, expect, test, vi } from 'vitest';
import { createFailures } from './failures.ts';
import { createFindHeldKey } from './find-held-key.ts';
import { createOpenWrappedKey } from './open-wrapped-key.ts';
import { createUnwrapKeys } from './unwrap-keys.ts';
import { createUnwrapMediaKey, type UnwrapMediaKey } from './unwrap-media-key.ts';

const pool = createKeyDecryptionPool({ threads: 2 });
afterAll(() => pool[Symbol.asyncDispose]());
const newOwner = async (commonName: string) => {
  const { certificateDer, privateKey } = await createSelfSigned({ commonName });
  return { certificate: parseCertificate(certificateDer), privateKey };
};
const held = await newOwner('Held');
const foreign = await newOwner('Foreign');
const openKeys = {
  get: async (_: unknown, id: string) => (id === held.certificate.certificateId ? held : undefined),
};
const unwrapReally = createUnwrapMediaKey(createFindHeldKey({ openKeys, decryptKey: pool.decryptKey }));
const encrypterTo = createEncrypterTo();
const reader = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const spki = (key: KeyObject) => key.export({ type: 'spki', format: 'der' });

async function* once(bytes: Buffer) {
  yield bytes;
}

/** A sealed recording of one line, as one key of a request. */
async function seal(text: string, { certificate } = held, suite: 'pkcs7' | 'cms' = 'pkcs7') {
  const sealer = createMediaSealer({ suite, recipients: [recipientFromCertificate(certificate)] });
  const ciphertext = Buffer.concat(await Array.fromAsync(sealer.seal(once(Buffer.from(text)))));
  const media = { ...sealer.finish(), boundTo: [] };
  const wrapped = {
    recordingId: text,
    mediaId: '',
    envelope: Buffer.from(media.envelope),
    certificateIds: [certificate.certificateId],
  };
  const read = (at: number, length: number) => once(ciphertext.subarray(at, at + length));
  const open = async (dek: Buffer) =>
    Buffer.concat(await Array.fromAsync(openMedia(media, dek, read))).toString();
  return { wrapped, open };
}

const request = (keys: WrappedKey[], over: Partial<UnwrapKeysRequest> = {}): UnwrapKeysRequest => ({
  tenantId: 'demo',
  keys,
  publicKey: spki(reader.publicKey),
  purpose: 'analytics',
  ...over,
});

/** The use case, what it put on record, and every session key that it had in its hands. */
function unwrapping(
  over: {
    unwrap?: UnwrapMediaKey;
    dek?: () => Promise<Buffer>;
    audit?: (record: MediaKeysUnwrapped) => Promise<void>;
  } = {},
) {
  const records: MediaKeysUnwrapped[] = [];
  const deks: Buffer[] = [];
  const encrypted: Uint8Array[] = [];
  const unwrap: UnwrapMediaKey = async (...asked) => {
    const key = await (over.unwrap ?? unwrapReally)(...asked);
    deks.push(key.dek);
    return key;
  };
  const audit = {
    keysUnwrapped: over.audit ?? (async (record: MediaKeysUnwrapped) => void records.push(record)),
  };
  const encryptTo = (field: string, key: Uint8Array) => {
    const encrypt = encrypterTo(field, key);
    return (secrets: Uint8Array) => {
      encrypted.push(secrets);
      return encrypt(secrets);
    };
  };
  const controller = new AbortController();
  const caller = { signal: controller.signal, peer: '127.0.0.1:1', names: [], via: [], traceparent: '' };
  const { log } = noteLines();
  const failures = createFailures({ perMinute: 2, now: () => 0, metrics: noMetrics, log });
  const open = createOpenWrappedKey(async ({ tenantId, caller }, envelope, ids) => {
    const { dek, certificateId } = await unwrap(tenantId, envelope, ids, caller.signal);
    return { certificateId, dek: over.dek ?? (async () => dek) };
  }, failures);
  const unwrapKeys = createUnwrapKeys({ open, encryptTo, audit });
  return {
    call: (asked: UnwrapKeysRequest) => unwrapKeys(asked, caller),
    records,
    deks,
    encrypted,
    controller,
  };
}

async function keysIn(jwe: string, sizes: readonly number[]): Promise<Buffer[]> {
  const content = Buffer.from((await compactDecrypt(jwe, reader.privateKey)).plaintext);
  const ends = sizes.map((_, i) => sizes.slice(0, i + 1).reduce((sum, size) => sum + size));
  expect(ends.at(-1)).toBe(content.length);
  return sizes.map((size, i) => content.subarray((ends[i] ?? 0) - size, ends[i]));
}

const isWiped = (bytes: Uint8Array) => bytes.every((byte) => byte === 0);

test('64 keys of two suites come back in order, in one JWE and one record, and are wiped here', async () => {
  const names = Array.from({ length: 64 }, (_, i) => `call-${i}`);
  const media = await Promise.all(names.map((name, i) => seal(name, held, i % 2 === 0 ? 'pkcs7' : 'cms')));
  const { call, records, deks, encrypted } = unwrapping();
  const { jwe, keys } = await call(request(media.map(({ wrapped }) => wrapped)));
  const opened = await keysIn(
    jwe,
    keys.map(({ size }) => size),
  );
  expect(await Promise.all(opened.map((dek, i) => media[i]?.open(dek)))).toEqual(names);
  expect(keys[0]).toEqual({
    size: 32,
    certificateId: held.certificate.certificateId,
    error: '',
    message: '',
    fix: '',
  });
  expect(records).toEqual([
    {
      tenantId: 'demo',
      caller: '127.0.0.1:1',
      purpose: 'analytics',
      keys: media.map(({ wrapped }) => ({
        recordingId: wrapped.recordingId,
        mediaId: 'main',
        certificateId: held.certificate.certificateId,
        envelopeDigest: createHash('sha256').update(wrapped.envelope).digest('hex'),
        accessId: expect.any(String),
      })),
    },
  ]);
  expect(deks).toHaveLength(64);
  expect([...deks, ...encrypted].filter((secret) => !isWiped(secret))).toEqual([]);
});

test('what does not open says so for itself, and the others come all the same', async () => {
  const [first, other, last] = await Promise.all([seal('first'), seal('other', foreign), seal('last')]);
  const damaged = { ...first.wrapped, envelope: Buffer.from('not an envelope') };
  const { call, records } = unwrapping();
  const { jwe, keys } = await call(request([first.wrapped, other.wrapped, damaged, last.wrapped]));
  expect(keys.map(({ error, size }) => [error, size])).toEqual([
    ['', 32],
    ['KEY_NOT_HELD', 0],
    ['ENVELOPE_INVALID', 0],
    ['', 32],
  ]);
  for (const { message, fix } of keys.slice(1, 3)) expect([message, fix].join()).toMatch(/^[A-Z].*\.$/);
  const [one, two] = await keysIn(jwe, [32, 32]);
  expect(one && two && [await first.open(one), await last.open(two)]).toEqual(['first', 'last']);
  expect(records[0]?.keys.map(({ recordingId }) => recordingId)).toEqual(['first', 'last']);
});

test('a certificate that was deleted stands in the way of its own keys only', async () => {
  const [good, gone] = [await seal('one'), await seal('two', foreign)];
  const unwrap: UnwrapMediaKey = async (tenant, envelope, ids, signal) => {
    if (ids.includes(foreign.certificate.certificateId))
      throw new AppError('CERTIFICATE_DELETED', 'It was deleted', { fix: 'Restore it.' });
    return await unwrapReally(tenant, envelope, ids, signal);
  };
  const { keys } = await unwrapping({ unwrap }).call(request([gone.wrapped, good.wrapped]));
  expect(keys.map(({ error }) => error)).toEqual(['CERTIFICATE_DELETED', '']);
});

test('an envelope in PEM is refused, however well it could be read', async () => {
  const { wrapped } = await seal('call');
  const base64 = wrapped.envelope.toString('base64');
  const envelope = Buffer.from(`-----BEGIN PKCS7-----\n${base64}\n-----END PKCS7-----\n`);
  const { call } = unwrapping();
  expect(await call(request([{ ...wrapped, envelope }]))).toMatchObject({
    keys: [{ error: 'ENVELOPE_INVALID', fix: expect.stringContaining('base64') }],
  });
});

test('a damaged session key is one of the right size that opens nothing, and no more is said of it', async () => {
  const { wrapped, open } = await seal('call');
  const envelope = Buffer.from(wrapped.envelope);
  // The encrypted key is the last 256 bytes before the content encryption; its middle is changed.
  envelope.writeUInt8((envelope[envelope.length - 200] ?? 0) ^ 1, envelope.length - 200);
  const { call, records } = unwrapping();
  const { jwe, keys } = await call(request([{ ...wrapped, envelope }]));
  expect(keys).toMatchObject([{ size: 32, error: '' }]);
  const [dek] = await keysIn(jwe, [32]);
  await expect(open(dek ?? Buffer.alloc(0))).rejects.toMatchObject({ code: 'DECRYPTION_FAILED' });
  expect(records[0]?.keys).toHaveLength(1);
});

test('when none opens there is no JWE, and nothing was handed out that could be recorded', async () => {
  const { wrapped } = await seal('call', foreign);
  const { call, records } = unwrapping();
  expect(await call(request([wrapped]))).toMatchObject({ jwe: '', keys: [{ error: 'KEY_NOT_HELD' }] });
  expect(records).toEqual([]);
});

test('who has too much that does not decrypt is told so of each key, and it is not tried', async () => {
  const { wrapped } = await seal('call');
  const dek = vi.fn(async () => {
    throw new AppError('ENVELOPE_INVALID', 'No', { fix: 'None.' });
  });
  const { call } = unwrapping({ dek });
  const errors: string[] = [];
  for (let i = 0; i < 3; i += 1)
    errors.push(...(await call(request([wrapped]))).keys.map(({ error }) => error));
  expect(errors).toEqual(['ENVELOPE_INVALID', 'ENVELOPE_INVALID', 'TOO_MANY_FAILURES']);
  expect(dek).toHaveBeenCalledTimes(2);
});

test('what cannot be put on record does not leave, and is wiped', async () => {
  const { wrapped } = await seal('call');
  const { call, deks, encrypted } = unwrapping({
    audit: async () => {
      throw new AppError('AUDIT_UNAVAILABLE', 'No record', { fix: 'Wait.' });
    },
  });
  await expect(call(request([wrapped, wrapped]))).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
  expect(encrypted).toEqual([]);
  expect(deks.map(isWiped)).toEqual([true, true]);
});

test('the record is durable before anything is encrypted', async () => {
  const { wrapped } = await seal('call');
  const durable = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const { call, encrypted } = unwrapping({
    audit: () => {
      asked.resolve();
      return durable.promise;
    },
  });
  const calling = call(request([wrapped]));
  await asked.promise;
  await new Promise((resolve) => setImmediate(resolve));
  expect(encrypted).toEqual([]);
  durable.resolve();
  await calling;
  expect(encrypted).toHaveLength(1);
});

test.each(['TOO_MANY_DECRYPTIONS', 'SEALED_STORE_UNAVAILABLE', 'SHUTTING_DOWN'] as const)(
  '%s fails the whole call, and what had been opened is wiped',
  async (code) => {
    const { wrapped } = await seal('call');
    let count = 0;
    const { call, records, deks } = unwrapping({
      unwrap: async (...asked) => {
        count += 1;
        if (count === 20) throw new AppError(code, 'Not now', { fix: 'Ask again.' });
        return unwrapReally(...asked);
      },
    });
    await expect(call(request(Array(64).fill(wrapped)))).rejects.toMatchObject({ code });
    expect(count).toBeLessThan(64);
    expect(deks.length).toBeGreaterThan(10);
    expect(deks.every(isWiped)).toBe(true);
    expect(records).toEqual([]);
  },
);

test('a caller who goes away stops the rest of its batch, and nothing of it stays or is recorded', async () => {
  const { wrapped } = await seal('call');
  let count = 0;
  const { call, records, deks, controller } = unwrapping({
    unwrap: async (...asked) => {
      count += 1;
      if (count === 20) controller.abort();
      return unwrapReally(...asked);
    },
  });
  await expect(call(request(Array(64).fill(wrapped)))).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(count).toBeLessThan(64);
  expect(deks.every(isWiped)).toBe(true);
  expect(records).toEqual([]);
});

test('one batch leaves room for others among those who wait for a thread', async () => {
  const { wrapped } = await seal('call');
  let underWay = 0;
  let most = 0;
  const { call } = unwrapping({
    unwrap: async (...asked) => {
      most = Math.max(most, ++underWay);
      try {
        return await unwrapReally(...asked);
      } finally {
        underWay -= 1;
      }
    },
  });
  await call(request(Array(64).fill(wrapped)));
  expect(most).toBeLessThanOrEqual(8);
});

const { wrapped } = await seal('call');
const many = <T>(count: number, value: T): T[] => Array(count).fill(value);
const one = (over: Partial<WrappedKey>) => request([{ ...wrapped, ...over }]);

test.each<[string, UnwrapKeysRequest, string]>([
  ['no key', request([]), 'keys'],
  ['65 keys', request(many(65, wrapped)), 'keys'],
  ['no certificate', one({ certificateIds: [] }), 'certificate_ids'],
  ['17 certificates', one({ certificateIds: many(17, held.certificate.certificateId) }), 'certificate_ids'],
  ['something else as a certificate', one({ certificateIds: ['mine'] }), 'certificate_id'],
  ['no recording', one({ recordingId: '' }), 'recording_id'],
  ['a malformed media id', one({ mediaId: '../x' }), 'media_id'],
  ['a malformed tenant', request([wrapped], { tenantId: 'De mo' }), 'tenant_id'],
  ['a purpose of two lines', request([wrapped], { purpose: 'one\ntwo' }), 'purpose'],
  ['an RSA key', request([wrapped], { publicKey: spki(held.certificate.publicKey) }), 'public_key'],
  ['no public key', request([wrapped], { publicKey: Buffer.alloc(0) }), 'public_key'],
])('%s is refused before anything is opened', async (_, asked, field) => {
  const unwrap = vi.fn<UnwrapMediaKey>();
  const { call } = unwrapping({ unwrap });
  await expect(call(asked)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', details: { field } });
  expect(unwrap).not.toHaveBeenCalled();
});
