import { expect, test } from 'vitest';
import { opensslCommand } from './opening-command.ts';
import { readEnvelope } from './read-envelope.ts';

const exported = {
  recordingId: 'call-1',
  mediaId: 'main',
  contentType: 'audio/wav',
  suite: 'pkcs7',
  recipients: 1,
};

test.each([
  [
    exported,
    'openssl smime -decrypt -binary -inform DER -in call-1-main.p7m -inkey KEY.pem -out call-1-main.wav',
  ],
  [
    { ...exported, suite: 'cms', recipients: 2, contentType: 'application/x-own' },
    'openssl cms -decrypt -binary -inform DER -in call-1-main.p7m -inkey KEY.pem -recip CERT.pem -out call-1-main.out',
  ],
])('%j is opened by its own command', (what, command) => {
  expect(opensslCommand(what)).toBe(command);
});

test('what the manifest says of one media file is read, and what it does not say is no error', () => {
  const recipient = { name: 'certificate of CN=A, serial number 01', issuer: 'CN=A', serialNumber: '01' };
  const media = {
    mediaId: 'main',
    suite: 'cms',
    envelope: {
      contentEncryption: 'AES-256-GCM',
      iv: '00ff',
      recipients: [{ ...recipient, keyEncryption: 'RSAES-OAEP with SHA-256', keyBits: 3072 }],
    },
    plaintextSize: 480_044,
    segments: 2,
  };
  const document = { kind: 'manifest', media: [{ mediaId: 'other' }, media] };
  expect(readEnvelope(document, 'main')).toMatchObject({
    ...{ suite: 'cms', contentEncryption: 'AES-256-GCM', plaintextSize: 480_044, ciphertextSize: 0 },
    recipients: [{ ...recipient, keyBits: 3072 }],
  });
  const clear = readEnvelope({ media: [{ mediaId: 'main', suite: 'clear', envelope: null }] }, 'main');
  expect(clear).toMatchObject({ suite: 'clear', recipients: [] });
  expect(readEnvelope(document, 'none')).toBeUndefined();
  expect(readEnvelope(null, 'main')).toBeUndefined();
});
