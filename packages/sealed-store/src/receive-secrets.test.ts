import { randomBytes } from 'node:crypto';
import { CompactEncrypt, importSPKI } from 'jose';
import { expect, test } from 'vitest';
import { createEncrypterTo } from './encrypt-to-key.ts';
import { createReceiver } from './receive-secrets.ts';

const receiver = createReceiver();
const secrets = randomBytes(32);
const encryptTo = createEncrypterTo();
const jwe = encryptTo('public_key', receiver.publicKey)(secrets);
const pem = `-----BEGIN PUBLIC KEY-----\n${receiver.publicKey.toString('base64')}\n-----END PUBLIC KEY-----`;
const byJose = async (header: object = {}) =>
  new CompactEncrypt(secrets)
    .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', ...header })
    .encrypt(await importSPKI(pem, 'ECDH-ES'));

test('what was encrypted to it opens, by whomever', async () => {
  for (const each of [jwe, await byJose()]) expect(receiver.open(each)).toEqual(secrets);
});

test('nothing else does', async () => {
  const parts = jwe.split('.');
  const changed = parts.map((part, at) => {
    const bytes = Buffer.from(part || 'AAAA', 'base64url');
    const byte = at === 0 ? bytes.length - 5 : 0;
    bytes.writeUInt8((bytes[byte] ?? 0) ^ 1, byte);
    return parts.with(at, bytes.toString('base64url')).join('.');
  });
  const others = [
    ...changed,
    encryptTo('public_key', createReceiver().publicKey)(secrets),
    await byJose({ enc: 'A128GCM' }),
    await byJose({ kid: 'x' }),
    ...[
      '',
      '....',
      'a.b.c.d.e',
      `${jwe}.`,
      parts.slice(0, 4).join('.'),
      parts.with(4, (parts[4] ?? '').slice(0, 6)).join('.'),
    ],
  ];
  expect(others.map((each) => receiver.open(each))).toEqual(others.map(() => undefined));
});
