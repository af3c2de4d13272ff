import { expect, test } from 'vitest';
import { describeRecord } from './describe-record.ts';

const sentenceOf = (record: Parameters<typeof describeRecord>[0]): string =>
  describeRecord(record)
    .flatMap((piece) => (typeof piece === 'string' ? piece : Object.values(piece)))
    .join('');

const alice = { caller: 'user:alice group:administrators via console', user: 'alice' };
const main = { tenantId: 'demo', recordingId: 'call-1', mediaId: 'main' };
const certificateId = 'ab'.repeat(32);

test.each<[string, object, string]>([
  [
    'media-decrypt',
    { ...alice, ...main, action: 'play', length: '65536', purpose: 'console' },
    'alice (through console) played main of call-1, bytes 0 to 65,535',
  ],
  [
    'media-decrypt',
    {
      ...main,
      caller: 'player.example',
      user: 'bob',
      action: 'play',
      offset: '44',
      length: '1',
      purpose: 'case 7',
    },
    'bob (through player.example) played main of call-1, bytes 44 to 44 (“case 7”)',
  ],
  [
    'media-decrypt',
    { ...alice, ...main, action: 'waveform' },
    'alice (through console) was shown the waveform of main of call-1',
  ],
  [
    'media-decrypt',
    { ...main, caller: '10.0.0.7', action: 'export', length: '10' },
    '10.0.0.7 downloaded main of call-1, bytes 0 to 9',
  ],
  [
    'media-decrypt-ended',
    { ...main, caller: 'user:alice via console', outcome: 'complete', bytes: '1920044' },
    'Reading main of call-1 by alice (through console) was complete after 1.9 MB',
  ],
  [
    'media-decrypt-ended',
    {
      ...main,
      caller: 'p',
      outcome: 'failed',
      code: 'DECRYPTION_FAILED',
      failedCheck: 'segment tag',
      segment: '3',
    },
    'Decrypting main of call-1 by p failed: DECRYPTION_FAILED: segment tag was wrong in segment 3 after 0 B',
  ],
  [
    'media-export',
    { ...alice, ...main, purpose: 'console' },
    'alice (through console) exported main of call-1 as PKCS#7, still encrypted',
  ],
  [
    'key-hand-over',
    { ...alice, ...main, server: 'crypto-server-b', action: 'play' },
    'crypto-server-b was handed the session key of main of call-1 for alice (through console)',
  ],
  [
    'access-denied',
    { ...alice, ...main, action: 'media.play', code: 'PERMISSION_DENIED' },
    'alice (through console) was refused media.play of main of call-1: PERMISSION_DENIED',
  ],
  ['access-denied', { caller: 'pipeline', action: 'key.backup' }, 'pipeline was refused key.backup'],
  [
    'keys-unwrap',
    { caller: 'premises', keys: ['a', 'b', 'a', 'c', 'd', 'e'].map((recordingId) => ({ recordingId })) },
    'premises was handed the session keys of a, b, c and 2 more',
  ],
  [
    'media-rewrap',
    { caller: 'media-encryptor', keys: [{ recordingId: 'a' }] },
    'media-encryptor had a sealed to other certificates',
  ],
  [
    'certificate-deletion',
    { caller: 'admin', certificateId, action: 'deleted', recordings: '1200', approvers: ['ann', 'bob'] },
    `admin deleted certificate ${certificateId}, which 1,200 recordings are encrypted to; approved by ann, bob`,
  ],
  [
    'keys-backup',
    { caller: 'admin', action: 'taken', certificates: 1 },
    'admin took a backup of 1 certificate',
  ],
  [
    'account',
    { action: 'signed-in', account: 'alice', method: 'password', clientAddress: '10.0.0.1' },
    'alice signed in with a password from 10.0.0.1',
  ],
  [
    'account',
    { action: 'created', account: 'bob', by: 'alice', groups: ['players'] },
    'The account bob was made by alice, with players',
  ],
  [
    'checkpoint',
    { chain: '0123456789', sequence: '1200', closing: true },
    'A server vouches for the first 1,200 records of chain 01234567, which ends with them',
  ],
  ['account', { action: 'toString', account: 'bob' }, 'The account bob: toString'],
  ['something-new', { x: 1 }, 'something new'],
])('%s %j is told as a sentence', (action, body, expected) => {
  expect(sentenceOf({ action, body })).toBe(expected);
});

test('what can be gone to is a piece of its own', () => {
  expect(describeRecord({ action: 'media-export', body: { ...main, caller: 'p' } })).toContainEqual({
    recording: 'call-1',
  });
  const deletion = describeRecord({
    action: 'certificate-deletion',
    body: { certificateId, action: 'requested' },
  });
  expect(deletion).toContainEqual({ certificate: certificateId });
  expect(deletion[0]).toEqual({ person: 'Somebody' });
});

test.each([[null], ['text'], [[1, 2]], [{ keys: 'no list', caller: 7 }]])(
  'a body that is none, %j, is no error',
  (body) => {
    for (const action of ['media-decrypt', 'keys-unwrap', 'account', 'toString'])
      expect(sentenceOf({ action, body })).toEqual(expect.any(String));
  },
);
