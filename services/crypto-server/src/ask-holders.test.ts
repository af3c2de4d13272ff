import { createEncrypterTo } from '@sealtrack/sealed-store/encrypt-to-key';
import { expect, test } from 'vitest';
import { jweClaims } from './domain/key-answer.ts';
import { KEY_REQUEST, parseKeyRequest } from './domain/key-request.ts';
import { type Answers, bus, certificateId, sealed, server, use } from './testing/key-servers.ts';

const { envelope, dek } = await sealed();
const [asking, holder] = [await server('crypto-1', { holds: false }), await server('crypto-2')];
const encryptTo = createEncrypterTo();

/** As a holder that is believed, and wrong. */
const answering =
  (secret: Buffer): Answers =>
  async (_, text) => {
    const request = parseKeyRequest((await holder.verifier.verify(KEY_REQUEST, text)).claims);
    const jwe = encryptTo('public_key', request?.publicKey ?? Buffer.alloc(0))(secret);
    return await holder.signer.sign('key-answer', jweClaims(text, jwe));
  };

const sessionKey = async (secret: Buffer) => {
  const { holders } = bus(answering(secret));
  return await (await asking.asking(holders)(use, envelope, [certificateId])).dek();
};

test('what comes is a session key of the size that the recording has, or none', async () => {
  expect(await sessionKey(dek)).toEqual(dek);
  for (const size of [0, dek.length - 1, dek.length + 1])
    await expect(sessionKey(Buffer.alloc(size, 1))).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
});
