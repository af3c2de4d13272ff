import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import fc from 'fast-check';
import { CompactSign, compactVerify } from 'jose';
import { describe, expect, test } from 'vitest';
import { readJws, signJws, verifyJws } from './jws.ts';

const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve });
const p256 = ec('P-256');
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const claims = { iss: 'a', text: 'für "sie"', list: [1, { deep: true }] };
const MAX = 10_000;

async function isBelieved(jws: string, key: KeyObject): Promise<boolean> {
  const read = readJws(jws, MAX);
  return read !== undefined && (await verifyJws(read, key));
}

/** With any header and content, by the rules: what a library with fewer scruples would make. */
function forge(header: unknown, content: unknown = claims, by: KeyObject = p256.privateKey): string {
  const part = (value: unknown) =>
    Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
  const signed = `${part(header)}.${part(content)}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), { key: by, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

describe('jose and node-jose understand each other', () => {
  test.each([
    ['ES256', p256],
    ['ES384', ec('P-384')],
    ['ES512', ec('P-521')],
    ['PS256', rsa],
  ] as const)('with %s', async (alg, pair) => {
    const ours = await signJws(claims, pair.privateKey, { typ: 'x+jws', kid: 'k', x5c: ['MA=='] });
    const theirs = await compactVerify(ours, pair.publicKey, { algorithms: [alg] });
    expect(JSON.parse(Buffer.from(theirs.payload).toString())).toEqual(claims);
    expect(theirs.protectedHeader).toEqual({ alg, typ: 'x+jws', kid: 'k', x5c: ['MA=='] });

    const made = await new CompactSign(Buffer.from(JSON.stringify(claims)))
      .setProtectedHeader({ alg, typ: 'JWT' })
      .sign(pair.privateKey);
    const read = readJws(made, MAX);
    expect(read).toMatchObject({ header: { alg, typ: 'JWT', kid: undefined }, claims });
    for (const jws of [ours, made]) expect(await isBelieved(jws, pair.publicKey)).toBe(true);
  });

  test('RS256 is believed of an RSA key', async () => {
    const made = await new CompactSign(Buffer.from('{}'))
      .setProtectedHeader({ alg: 'RS256' })
      .sign(rsa.privateKey);
    expect(await isBelieved(made, rsa.publicKey)).toBe(true);
  });

  // About one in 128 has an r or s that is a byte shorter.
  test('whatever r and s come to', async () => {
    for (let i = 0; i < 300; i += 1)
      await compactVerify(await signJws({ i }, p256.privateKey, { typ: 'x' }), p256.publicKey);
  });
});

const pem = p256.publicKey.export({ type: 'spki', format: 'pem' });
const hs256 = (secret: string | Buffer) => {
  const [header = '', content = ''] = forge({ alg: 'HS256' }).split('.');
  const mac = createHmac('sha256', secret).update(`${header}.${content}`).digest('base64url');
  return `${header}.${content}.${mac}`;
};
const unsigned = (alg: string) => `${forge({ alg }).split('.', 2).join('.')}.`;
const good = forge({ alg: 'ES256' });
const [, goodContent = '', goodSignature = ''] = good.split('.');
const deep = (depth: number) => `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`;

test('what is refused is refused for what is wrong with it: the same without it is believed', async () => {
  for (const jws of [
    good,
    forge({ alg: 'ES256', typ: 'JWT', kid: 'k', cty: 'x', x5t: 'x', 'x5t#S256': 'x' }),
    forge({ alg: 'ES256' }, deep(15)),
    forge({ alg: 'ES256' }, '{"a":{"x":1},"b":{"x":1},"c":"\\"a\\":"}'),
  ])
    expect(await isBelieved(jws, p256.publicKey)).toBe(true);
});

test.each<[string, string]>([
  ['alg none', unsigned('none')],
  ['alg none with a signature', forge({ alg: 'none' })],
  ['no algorithm', forge({})],
  ['an algorithm in capitals that are none', forge({ alg: 'es256' })],
  ['several algorithms', forge({ alg: ['ES256'] })],
  ['HS256 with the public key', hs256(Buffer.from(pem))],
  ['an algorithm of another key', forge({ alg: 'PS256' })],
  ['another curve', forge({ alg: 'ES384' })],
  ['no signature', unsigned('ES256')],
  [
    'a signature in DER',
    forge({ alg: 'ES256' }).replace(/[^.]*$/, () =>
      sign('sha256', Buffer.from(good.replace(/\.[^.]*$/, '')), p256.privateKey).toString('base64url'),
    ),
  ],
  ['a signature of nothing', good.replace(/[^.]*$/, Buffer.alloc(64).toString('base64url'))],
  ['a key of its own', forge({ alg: 'ES256', jwk: p256.publicKey.export({ format: 'jwk' }) })],
  ['an address of keys', forge({ alg: 'ES256', jku: 'https://keys.example' })],
  ['an address of certificates', forge({ alg: 'ES256', x5u: 'https://keys.example' })],
  ['something critical', forge({ alg: 'ES256', crit: ['b64'], b64: false })],
  ['a kid that is no text', forge({ alg: 'ES256', kid: 7 })],
  ['certificates that are no text', forge({ alg: 'ES256', x5c: [7] })],
  [
    'more certificates than any chain',
    forge({ alg: 'ES256', x5c: Array.from({ length: 11 }, () => 'MA==') }),
  ],
  ['a header that says something twice', forge('{"alg":"none","alg":"ES256"}')],
  ['content that says something twice', forge({ alg: 'ES256' }, '{"recording":"a","recording":"b"}')],
  ['content that says it in another spelling', forge({ alg: 'ES256' }, '{"tenant":"a","t\\u0065nant":"b"}')],
  ['content that says it twice further down', forge({ alg: 'ES256' }, '{"a":[{"b":1,"b":2}]}')],
  ['content that reaches for the prototype', forge({ alg: 'ES256' }, '{"__proto__":{"a":1}}')],
  ['content that is too deep', forge({ alg: 'ES256' }, deep(16))],
  ['content that is far too deep', forge({ alg: 'ES256' }, deep(3000))],
  ['a list', forge({ alg: 'ES256' }, '[]')],
  ['no JSON', forge({ alg: 'ES256' }, 'hello')],
  [
    'JSON that is no UTF-8',
    `${good.split('.')[0]}.${Buffer.from('{"a":"\xff"}', 'latin1').toString('base64url')}.${goodSignature}`,
  ],
  ['another content', `${good.split('.')[0]}.${Buffer.from('{}').toString('base64url')}.${goodSignature}`],
  ['four parts', `${good}.`],
  ['five parts', `${good}.${goodContent}.${goodContent}`],
  ['padding', `${good}=`],
  ['a space', ` ${good}`],
  ['nothing', ''],
  ['too much of it', forge({ alg: 'ES256' }, { a: 'a'.repeat(MAX) })],
])('%s is not believed', async (_, jws) => {
  expect(await isBelieved(jws, p256.publicKey)).toBe(false);
});

test('keys that are too weak, or for something else, neither sign nor are believed', async () => {
  const small = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const made = forge({ alg: 'RS256' }, {}, small.privateKey);
  expect(await isBelieved(made, small.publicKey)).toBe(false);
  for (const { privateKey } of [small, ec('secp256k1'), generateKeyPairSync('x25519')])
    await expect(signJws({}, privateKey, { typ: 'x' })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
});

test('no bit of it can be changed', async () => {
  const jws = await signJws(claims, p256.privateKey, { typ: 'x', kid: 'k' });
  await fc.assert(
    fc.asyncProperty(fc.nat(jws.length - 1), fc.constantFrom(...'AQgwfZ_-09.'), async (at, other) => {
      fc.pre(jws[at] !== other);
      expect(await isBelieved(jws.slice(0, at) + other + jws.slice(at + 1), p256.publicKey)).toBe(false);
    }),
    { numRuns: 300 },
  );
});
