import { createPrivateKey, type KeyObject } from 'node:crypto';
import { type CertificateInfo, parseCertificate } from '@sealtrack/certificates/certificate';
import { certificatesIn } from '@sealtrack/certificates/certificate-file';
import { type Envelope, parseEnvelope, type RecipientId } from '@sealtrack/envelope/envelope';
import { unsplice } from '@sealtrack/envelope/unsplice';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sealedFiles } from '../testing/sealed-files.ts';
import { chooseRecipient, type KeyAtHand } from './choose-recipient.ts';
import { certificatesOf, findCertificates } from './nearby-certificates.ts';

const files = await sealedFiles();
afterAll(() => files.remove());

const keyOf = (name: string): KeyObject => createPrivateKey(files.read(`${name}.key`));
const certificateOf = (name: string): CertificateInfo => parseCertificate(files.read(`${name}.crt`));

/** A key of which nothing else is known. */
const alone = (name: string): KeyAtHand => ({ privateKey: keyOf(name), nearby: async () => [] });

/** As OpenSSL makes it. */
async function envelopeTo(recipients: readonly string[], ...options: string[]): Promise<Envelope> {
  const to = recipients.flatMap((name) => ['-recip', `${name}.crt`]);
  const der = files.openssl(
    'cms',
    '-encrypt',
    '-aes256',
    '-in',
    'one.crt',
    '-outform',
    'DER',
    ...options,
    ...to,
  );
  const { ciphertext, envelope } = await unsplice(once(der));
  for await (const _ of ciphertext ?? []);
  return parseEnvelope(envelope());
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

const serialOf = (id: RecipientId): string | undefined =>
  id.kind === 'issuerAndSerialNumber' ? id.serial.toString('hex').replace(/^00/, '') : undefined;

beforeAll(async () => {
  await Promise.all(['one', 'two', 'other/three'].map((name) => files.createOwner(name)));
  await files.createOwner('large', 3072);
  files.write(
    'both.pem',
    Buffer.concat([files.read('two.key'), files.read('one.crt'), files.read('two.crt')]),
  );
});

describe('the recipient is', () => {
  test('the one of the certificate given, whatever lies about', async () => {
    const envelope = await envelopeTo(['one', 'two']);
    const key = { ...alone('two'), certificate: certificateOf('two') };
    const { recipient, foundIn } = await chooseRecipient(envelope, key);
    expect(serialOf(recipient.id)).toBe(certificateOf('two').serialNumber);
    expect(foundIn).toBeUndefined();
  });

  test('the only one there is', async () => {
    const envelope = await envelopeTo(['two']);
    expect((await chooseRecipient(envelope, alone('two'))).recipient).toBe(envelope.recipients[0]);
  });

  test('the one of a certificate that lies about, which is said', async () => {
    const envelope = await envelopeTo(['one', 'two']);
    const nearby = () => findCertificates([files.path], keyOf('two'));
    const chosen = await chooseRecipient(envelope, { privateKey: keyOf('two'), nearby });
    expect(serialOf(chosen.recipient.id)).toBe(certificateOf('two').serialNumber);
    expect(chosen.foundIn).toBe(files.at('both.pem'));
  });

  test('the one with the identifier of the key, where recipients have such', async () => {
    const envelope = await envelopeTo(['one', 'two'], '-keyid');
    const { recipient } = await chooseRecipient(envelope, alone('two'));
    const at = envelope.recipients.indexOf(recipient);
    const byCertificate = { ...alone('two'), certificate: certificateOf('two') };
    expect(at).toBe(envelope.recipients.indexOf((await chooseRecipient(envelope, byCertificate)).recipient));
  });

  test('the only one with a key of that size, which is said', async () => {
    const envelope = await envelopeTo(['one', 'two', 'large']);
    const { recipient, because } = await chooseRecipient(envelope, alone('large'));
    expect(serialOf(recipient.id)).toBe(certificateOf('large').serialNumber);
    expect(because).toContain('3072');
  });
});

describe('is refused', () => {
  test('a key that may be of either of two, with the names of both', async () => {
    const envelope = await envelopeTo(['one', 'two']);
    const refusal: unknown = await chooseRecipient(envelope, alone('two')).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'INVALID_ARGUMENT', fix: expect.stringContaining('--cert') });
    for (const name of ['one', 'two'])
      expect(refusal).toMatchObject({
        fix: expect.stringContaining(`CN=${name}, serial number ${certificateOf(name).serialNumber}`),
      });
  });

  test('a key whose certificate is about, but none of the recipients', async () => {
    const envelope = await envelopeTo(['one', 'two']);
    const key = keyOf('other/three');
    const nearby = () => findCertificates([files.at('other')], key);
    await expect(chooseRecipient(envelope, { privateKey: key, nearby })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });

  test('a certificate that is no recipient', async () => {
    const key = { ...alone('two'), certificate: certificateOf('two') };
    await expect(chooseRecipient(await envelopeTo(['one']), key)).rejects.toMatchObject({
      code: 'KEY_NOT_HELD',
      fix: expect.stringContaining('CN=one'),
    });
  });

  test('the certificate of another key', async () => {
    const key = { ...alone('two'), certificate: certificateOf('one') };
    await expect(chooseRecipient(await envelopeTo(['one']), key)).rejects.toMatchObject({
      code: 'PRIVATE_KEY_MISMATCH',
    });
  });

  test('a key of another size than the only recipient has', async () => {
    await expect(chooseRecipient(await envelopeTo(['large']), alone('two'))).rejects.toMatchObject({
      code: 'KEY_NOT_HELD',
      message: expect.stringContaining('3072'),
    });
  });
});

describe('certificates that lie about', () => {
  test('are those of the key, in PEM and DER, and alone or with others in a file', async () => {
    files.write('kept/a.der', certificateOf('one').der);
    files.write('kept/b.pem', Buffer.concat([files.read('two.crt'), files.read('one.crt')]));
    files.write('kept/c.cer', files.read('two.crt'));
    files.write('kept/d.txt', files.read('one.crt'));
    files.write('kept/e.pem', 'nothing of the kind');
    files.write('kept/f.crt', Buffer.concat([Buffer.alloc(64 * 1024, '\n'), files.read('one.crt')]));
    files.write('kept/g.pem/folder.txt', '');
    const found = await findCertificates(
      [files.at('kept'), files.at('kept'), files.at('none')],
      keyOf('one'),
    );
    expect(found.map(({ path }) => path)).toEqual([files.at('kept/a.der'), files.at('kept/b.pem')]);
  });

  test('are looked for in 500 files and no more', async () => {
    for (let n = 0; n < 500; n += 1) files.write(`many/${String(n).padStart(3, '0')}.pem`, '');
    files.write('many/zzz.pem', files.read('one.crt'));
    expect(await findCertificates([files.at('many')], keyOf('one'))).toEqual([]);
    expect(await findCertificates([files.at('many'), files.path], keyOf('one'))).toEqual([]);
  });

  test('may be in the file of the key', () => {
    const [found, ...others] = certificatesOf(
      keyOf('two'),
      certificatesIn(files.read('both.pem')),
      'both.pem',
    );
    expect(found?.certificate.certificateId).toBe(certificateOf('two').certificateId);
    expect(others).toEqual([]);
  });
});
