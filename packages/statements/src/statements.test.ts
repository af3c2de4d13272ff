import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { createWorkshop } from '@sealtrack/certificates/testing/workshop';
import { ecKeys, type Keys, names, rsaKeys } from '@sealtrack/certificates/x509/testing/issue';
import { signJws } from '@sealtrack/jose/jws';
import { openTls } from '@sealtrack/tls/open-tls';
import { createCa, hoursFromNow, type Identity, selfSigned } from '@sealtrack/tls/testing/issue-peers';
import { noteTlsLog, type TlsFolder, tlsFolder } from '@sealtrack/tls/testing/tls-folder';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { createSigner } from './create-signer.ts';
import { createStatementVerifier } from './create-verifier.ts';

const ca = createCa('Test CA');
const between = ca.below('Intermediate CA');
const [superseded, keyCompromise] = [4, 1];
const revokedNow = ca.issue('revoked');
const wasReplaced = { ...ca.issue('replaced'), since: hoursFromNow(-0.5), reason: superseded };
const wasStolen = { ...ca.issue('stolen'), since: hoursFromNow(-0.5), reason: keyCompromise };
const crls = Buffer.concat([ca.crl([revokedNow, wasReplaced, wasStolen]), between.crl()]);

const stack = new AsyncDisposableStack();
afterAll(() => stack.disposeAsync());
const { log } = noteTlsLog();

async function opened(own: Identity, { trusting = ca, crl }: { trusting?: typeof ca; crl?: Buffer } = {}) {
  const folder: TlsFolder = stack.use(await tlsFolder(trusting, own, crl));
  const tls = stack.use(await openTls(folder.settings, log));
  return { folder, tls };
}

let time = 0;
const now = () => Date.now() + time;
const { tls: verifying } = await opened(ca.issue('verifier'), { crl: crls });
const verifier = createStatementVerifier(verifying, now);

async function signerOf(own: Identity, trusting = ca) {
  const signer = createSigner((await opened(own, { trusting })).tls, now);
  if (signer === undefined) throw new Error('It signs');
  return signer;
}
const signer = await signerOf(ca.issue('crypto-server'));
const claims = { asks: 'für X', nested: { list: [1] } };

/** Signs as somebody who keeps to no rule. */
const forged = (identity: Identity, said: object, typ = 'sealtrack-question+jws', x5c = identity) =>
  signJws({ ...said }, keyOf(identity), {
    typ,
    x5c: x5c.cert
      .toString()
      .split(/-----[A-Z ]+-----/)
      .map((part) => part.replace(/\s/g, ''))
      .filter((part) => part !== ''),
  });
const keyOf = ({ key }: Identity) => createPrivateKey(key);

const seconds = (more = 0) => Math.floor(now() / 1000) + more;
const untrusted = (reason: RegExp) =>
  expect.objectContaining({
    code: 'PEER_UNTRUSTED',
    message: expect.stringMatching(reason),
    fix: expect.stringMatching(/\w+ \w+.*\.$/),
  });

describe('a statement', () => {
  test.each<[string, Keys]>([
    ['P-256', ecKeys()],
    ['P-384', ecKeys('P-384')],
    ['RSA', rsaKeys()],
  ])(
    'is believed of a certificate with a key of %s, by itself or below an intermediate CA',
    async (_, keys) => {
      for (const issuer of [ca, between])
        for (const usage of ['both', 'server', 'client'] as const) {
          const own = issuer.issue('crypto-server', { keys, usage });
          const said = await verifier.verify(
            'question',
            await (await signerOf(own)).sign('question', claims),
          );
          expect(said).toMatchObject({ names: ['crypto-server', 'localhost'], claims });
          expect(Math.abs(said.said.getTime() - now())).toBeLessThan(10_000);
        }
    },
  );

  test('is of nobody whom only people can be', async () => {
    const altNames = ['user:alice', 'crypto-server', 'group:administrators'].map(names.dns);
    const said = await (await signerOf(ca.issue('thief', { altNames }))).sign('question', claims);
    expect((await verifier.verify('question', said)).names).toEqual(['crypto-server']);
  });

  test('is believed of a certificate that OpenSSL made', async () => {
    const shop = stack.adopt(createWorkshop(), (it) => it.remove());
    shop.openssl('req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=OpenSSL');
    shop.openssl('req -new -newkey rsa:2048 -nodes -keyout own.key -out own.csr -subj /CN=own');
    shop.write('ext', 'subjectAltName=DNS:crypto-server.example\nextendedKeyUsage=serverAuth,clientAuth\n');
    shop.openssl(
      'x509 -req -in own.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 1 -extfile ext -out own.pem',
    );
    const own = { cert: shop.read('own.pem'), key: shop.read('own.key'), serial: 1 };
    const { tls } = await opened(own, { trusting: { ...ca, cert: shop.read('ca.pem') } });
    const said = await createSigner(tls)?.sign('question', claims);
    expect((await createStatementVerifier(tls).verify('question', said ?? '')).names).toEqual([
      'crypto-server.example',
    ]);
  });

  test('is signed with the certificate there is when it is said', async () => {
    const { tls, folder } = await opened(ca.issue('before'));
    const rotating = createSigner(tls);
    const name = async () =>
      (await verifier.verify('question', (await rotating?.sign('question', {})) ?? '')).names[0];
    expect(await name()).toBe('before');
    folder.identity(ca.issue('after', { keys: rsaKeys() }));
    await vi.waitFor(async () => expect(await name()).toBe('after'), { timeout: 30_000, interval: 20 });
  });

  test('is over after a minute, give or take what clocks may differ by, and none is from the future', async () => {
    const said = await signer.sign('question', claims);
    const after = async (ms: number) => {
      time = ms;
      try {
        return await verifier.verify('question', said);
      } finally {
        time = 0;
      }
    };
    await after(85_000);
    await after(-28_000);
    await expect(after(92_000)).rejects.toEqual(untrusted(/it is over/));
    await expect(after(-35_000)).rejects.toEqual(untrusted(/it is from the future/));
  });

  test('of one kind is none of another, and no record is for now', async () => {
    const said = await signer.sign('question', claims);
    const record = await signer.sign('question', claims, { lasting: true });
    await expect(verifier.verify('answer', said)).rejects.toEqual(untrusted(/none of the kind answer/));
    await expect(verifier.verify('question', said, { lasting: true })).rejects.toEqual(
      untrusted(/not said for good/),
    );
    await expect(verifier.verify('question', record)).rejects.toEqual(untrusted(/for how long/));
  });
});

describe('a record', () => {
  const record = async (own: Identity, said: Date) => {
    const sign = createSigner((await opened(own)).tls, () => said.getTime());
    return (await sign?.sign('checkpoint', claims, { lasting: true })) ?? '';
  };
  const read = (statement: string, of = verifier) => of.verify('checkpoint', statement, { lasting: true });

  test('is believed for years, by the certificate of its time', async () => {
    const said = await record(ca.issue('crypto-server', { notAfter: hoursFromNow(1) }), hoursFromNow(0));
    time = 5 * 3_600_000;
    try {
      expect(await read(said)).toMatchObject({ claims, said: expect.any(Date) });
    } finally {
      time = 0;
    }
    for (const [notBefore, notAfter] of [
      [hoursFromNow(-1), hoursFromNow(1)],
      [hoursFromNow(2), hoursFromNow(3)],
    ] as const) {
      const stale = { ...ca.issue('early', { notBefore, notAfter }) };
      const forgedRecord = await forged(stale, { iat: seconds(-2 * 3600) }, 'sealtrack-checkpoint+jws');
      await expect(read(forgedRecord)).rejects.toEqual(untrusted(/not valid before/));
    }
    await expect(
      read(await forged(ca.issue('x'), { iat: seconds(3600) }, 'sealtrack-checkpoint+jws')),
    ).rejects.toEqual(untrusted(/from the future/));
  });

  test('from before its certificate was revoked counts, unless its key may have been taken', async () => {
    const [before, afterwards] = [hoursFromNow(-0.75), hoursFromNow(-0.25)];
    expect((await read(await record(wasReplaced, before))).names).toContain('replaced');
    for (const [own, said] of [
      [wasReplaced, afterwards],
      [wasStolen, before],
      [revokedNow, before],
    ] as const)
      await expect(read(await record(own, said))).rejects.toEqual(untrusted(/was revoked by its CA/));
  });
});

const stranger = createCa('Stranger CA');
const [own, other] = [ca.issue('crypto-server'), ca.issue('other')];
const times = () => ({ iat: seconds(), exp: seconds(60) });

test.each<[what: string, reason: RegExp, () => Promise<string>]>([
  ['another CA', /No trusted CA/, () => forged(stranger.issue('crypto-server'), times())],
  [
    'a CA of the same name',
    /signature on .* is not by the CA/,
    () => forged(createCa(ca.name).issue('x'), times()),
  ],
  ['nobody but itself', /own issuer/, () => forged(selfSigned('crypto-server'), times())],
  [
    'an expired certificate',
    /expired at/,
    () => forged(ca.issue('x', { notAfter: hoursFromNow(-0.5) }), times()),
  ],
  ['a revoked certificate', /was revoked/, () => forged(revokedNow, times())],
  [
    'one for neither side of connections',
    /not for this use/,
    () => forged(ca.issue('x', { usage: 'neither' }), times()),
  ],
  ['a missing intermediate CA', /No trusted CA/, () => forged(between.issue('x', { alone: true }), times())],
  [
    'the certificate of somebody else',
    /changed, or is not signed/,
    () => forged(own, times(), undefined, other),
  ],
  [
    'no certificate',
    /no certificate/,
    () => forged(own, times(), undefined, { ...own, cert: Buffer.alloc(0) }),
  ],
  [
    'no real certificate',
    /cannot be read/,
    () => forged(own, times(), undefined, { ...own, cert: Buffer.from('MAAA') }),
  ],
  ['no end', /for how long/, () => forged(own, { iat: seconds() })],
  ['no beginning', /for how long/, () => forged(own, { exp: seconds(60) })],
  ['an end too far away', /for how long/, () => forged(own, { iat: seconds(), exp: seconds(61) })],
  [
    'times that are no numbers',
    /for how long/,
    () => forged(own, { iat: `${seconds()}`, exp: `${seconds(60)}` }),
  ],
  ['no kind', /none of the kind/, () => forged(own, times(), '')],
  ['the kind of a ticket', /none of the kind/, () => forged(own, times(), 'JWT')],
  [
    'another content',
    /changed/,
    async () => {
      const [header, , signature] = (await signer.sign('question', claims)).split('.');
      return [
        header,
        Buffer.from(JSON.stringify({ ...claims, asks: 'für Y', ...times() })).toString('base64url'),
        signature,
      ].join('.');
    },
  ],
  ['too much content', /none of the kind/, () => forged(own, { ...times(), text: 'a'.repeat(800_000) })],
  ['nothing', /none of the kind/, async () => ''],
])('with %s is not believed', async (_, reason, make) => {
  const statement = await make();
  await expect(verifier.verify('question', statement)).rejects.toEqual(untrusted(reason));
});

test('in plaintext nobody signs, and nobody is believed', async () => {
  expect(createSigner(PLAINTEXT)).toBeUndefined();
  const said = await signer.sign('question', claims);
  await expect(createStatementVerifier(PLAINTEXT).verify('question', said)).rejects.toEqual(
    untrusted(/plaintext/),
  );
});

test('a key that signs no statements says so', async () => {
  const keys = generateKeyPairSync('ed25519');
  const ed25519 = await signerOf(ca.issue('x', { keys }));
  await expect(ed25519.sign('question', {})).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
});
