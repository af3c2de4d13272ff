import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { hasCode } from '@sealtrack/errors/app-error';
import { parseMediaId, parseRecordingId, parseTenantId } from '@sealtrack/ids/parse';
import fc from 'fast-check';
import { SignJWT } from 'jose';
import { expect, test } from 'vitest';
import { createTicketVerifier } from './create-verifier.ts';
import { type NewTicket, signTicket } from './sign-ticket.ts';
import type { TicketUse } from './ticket.ts';
import { parseTicketIssuers } from './ticket-issuers.ts';

const ec = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const [first, second, foreign] = [ec(), ec(), ec()];
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const jwk = (kid: string, key: KeyObject) => ({ kid, ...key.export({ format: 'jwk' }) });
const pem = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString();

const CRM = 'crm.acme.example';
const file = {
  version: 1,
  issuers: [
    {
      id: CRM,
      tenants: ['acme', 'acme-eu'],
      keys: [jwk('1', first.publicKey), { kid: '2', pem: pem(second.publicKey) }],
    },
    { id: 'qm.other.example', tenants: ['other'], keys: [jwk('q', foreign.publicKey)] },
    { id: 'everybody', tenants: ['*'], keys: [{ kid: 'r', pem: pem(rsa.publicKey) }] },
  ],
};
const parse = (content: unknown) => parseTicketIssuers(Buffer.from(JSON.stringify(content)));
let issuers = parse(file);
const NOW = 1_800_000_000;
let now = NOW;
const verifier = createTicketVerifier({ issuers: () => issuers, maxSeconds: 3600, now: () => now * 1000 });

const use: TicketUse = {
  tenantId: parseTenantId('acme'),
  recordingId: parseRecordingId('rec-1'),
  mediaId: parseMediaId(''),
  clientAddress: '192.0.2.7',
};
const wanted: NewTicket = {
  ...{ issuer: CRM, user: 'anna', action: 'play', lifetimeSeconds: 600 },
  ...{ tenantId: use.tenantId, recordingId: use.recordingId, mediaId: use.mediaId },
};
const make = async (over: Partial<NewTicket> = {}, key = first.privateKey, kid: string | undefined = '1') =>
  (await signTicket({ ...wanted, ...over }, { key, kid }, new Date(NOW * 1000))).ticket;

const reasonOf = async (ticket: string, used: Partial<TicketUse> = {}, at = NOW): Promise<string> => {
  now = at;
  try {
    await verifier.verify(ticket, { ...use, ...used });
    return 'taken';
  } catch (error) {
    if (!hasCode(error, 'TICKET_INVALID')) throw error;
    expect(error.fix).toMatch(/\w+ \w+.*\.$/);
    const everything = JSON.stringify([error.message, error.fix, error.details]);
    for (const part of ticket.split('.').filter((each) => each.length > 8))
      expect(everything).not.toContain(part);
    return [error.details.reason, error.details.claim].filter(Boolean).join(' ');
  } finally {
    now = NOW;
  }
};

test('a ticket says for whom and what it is', async () => {
  const made = await signTicket(
    { ...wanted, action: 'export', clientAddress: '192.0.2.7' },
    { key: first.privateKey, kid: '1' },
    new Date(NOW * 1000),
  );
  expect(await verifier.verify(made.ticket, use)).toEqual({
    ...{ ticketId: made.ticketId, issuer: CRM, user: 'anna', action: 'export', clientAddress: '192.0.2.7' },
    ...{ tenantId: 'acme', recordingId: 'rec-1', mediaId: 'main', expires: new Date((NOW + 600) * 1000) },
  });
});

const claims = {
  iss: CRM,
  sub: 'anna',
  aud: 'sealtrack',
  iat: NOW,
  exp: NOW + 600,
  jti: 'j1',
  tenant: 'acme',
  recording: 'rec-1',
  media: 'main',
  act: 'play',
};

test.each([
  ['ES256', first.privateKey, CRM, { alg: 'ES256', kid: '1', typ: 'JWT' }],
  ['ES256, with a key that was given as PEM', second.privateKey, CRM, { alg: 'ES256', kid: '2' }],
  ['RS256', rsa.privateKey, 'everybody', { alg: 'RS256' }],
  ['PS256', rsa.privateKey, 'everybody', { alg: 'PS256', kid: 'r', typ: 'sealtrack-ticket+jwt' }],
] as const)('of another library, with %s', async (_, key, iss, header) => {
  for (const aud of ['sealtrack', ['other', 'sealtrack']]) {
    const ticket = await new SignJWT({ ...claims, iss, aud, more: { of: 'its own' } })
      .setProtectedHeader(header)
      .sign(key);
    expect(await reasonOf(ticket)).toBe('taken');
  }
});

test.each<[string, Partial<NewTicket>, Partial<TicketUse>]>([
  ['other-tenant', {}, { tenantId: parseTenantId('acme-eu') }],
  ['other-tenant', { tenantId: parseTenantId('other') }, { tenantId: parseTenantId('other') }],
  ['other-recording', {}, { recordingId: parseRecordingId('rec-2') }],
  ['other-media', {}, { mediaId: parseMediaId('screen') }],
  ['other-address', { clientAddress: '192.0.2.7' }, { clientAddress: '192.0.2.8' }],
  ['other-address', { clientAddress: '192.0.2.7' }, { clientAddress: '' }],
  ['other-address', { clientAddress: '192.0.2.7' }, { clientAddress: '2001:db8::192.0.2.7' }],
  ['other-address', { clientAddress: '192.0.2.7' }, { clientAddress: '192.0.2.7.' }],
  ['taken', { clientAddress: '192.0.2.7' }, { clientAddress: '::ffff:192.0.2.7' }],
  ['taken', { clientAddress: '192.0.2.7' }, { clientAddress: '[::FFFF:c000:207]' }],
  ['taken', { clientAddress: '2001:DB8:0::1' }, { clientAddress: '2001:db8:0:0:0:0:0:1' }],
  ['taken', {}, { clientAddress: '' }],
  ['taken', { tenantId: parseTenantId('acme-eu') }, { tenantId: parseTenantId('acme-eu') }],
  ['too-long', { lifetimeSeconds: 3601 }, {}],
  ['taken', { lifetimeSeconds: 3600 }, {}],
  ['bad-claim exp', { lifetimeSeconds: 0 }, {}],
  ['bad-claim sub', { user: 'two\nlines' }, {}],
  ['bad-claim addr', { clientAddress: 'localhost' }, {}],
  ['unknown-issuer', { issuer: 'nobody' }, {}],
])('%s: a ticket with %j, used for %j', async (reason, over, used) => {
  expect(await reasonOf(await make(over), used)).toBe(reason);
});

test('in its time, and half a minute before and after', async () => {
  const ticket = await make();
  for (const [at, reason] of [
    [-31, 'not-yet-valid'],
    [-30, 'taken'],
    [629, 'taken'],
    [630, 'expired'],
  ] as const)
    expect(await reasonOf(ticket, {}, NOW + at)).toBe(reason);
  const later = await forge({ nbf: NOW + 100 });
  expect([await reasonOf(later), await reasonOf(later, {}, NOW + 70)]).toEqual(['not-yet-valid', 'taken']);
});

test('keys come and go: what was signed with one that went is not taken any more, though it was before', async () => {
  const [old, next] = [await make(), await make({}, second.privateKey, '2')];
  expect([await reasonOf(old), await reasonOf(next)]).toEqual(['taken', 'taken']);
  const [crm, ...others] = file.issuers;
  issuers = parse({ ...file, issuers: [{ ...crm, keys: crm?.keys.slice(1) }, ...others] });
  expect([await reasonOf(old), await reasonOf(next)]).toEqual(['bad-signature', 'taken']);
  issuers = new Map();
  expect(await reasonOf(next)).toBe('unknown-issuer');
  issuers = parse(file);
  expect(await reasonOf(old)).toBe('taken');
});

/** Signed by the rules of JWS, with whatever is in it. */
function forge(
  over: object | string,
  header: object = { alg: 'ES256', kid: '1' },
  by: KeyObject = first.privateKey,
): string {
  const content = typeof over === 'string' ? over : JSON.stringify({ ...claims, ...over });
  const signed = [JSON.stringify(header), content]
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.');
  const signature = sign('sha256', Buffer.from(signed), { key: by, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
}
const without = (claim: string) =>
  JSON.stringify(Object.fromEntries(Object.entries(claims).filter(([name]) => name !== claim)));
const unsigned = (alg: string, signature = '') => forge({}, { alg, kid: '1' }).replace(/[^.]*$/, signature);
const hs256 = () => {
  const head = unsigned('HS256').slice(0, -1);
  return `${head}.${createHmac('sha256', pem(first.publicKey)).update(head).digest('base64url')}`;
};
const twice = JSON.stringify(claims).replace('{', '{"recording":"rec-2",');

test.each<[what: string, reason: string, ticket: string]>([
  ['nothing wrong', 'taken', forge({})],
  ['nothing', 'missing', ''],
  ['something else', 'malformed', 'hello'],
  ['alg none', 'malformed', unsigned('none')],
  ['HS256 with the public key', 'malformed', hs256()],
  ['an algorithm of other keys', 'bad-signature', forge({}, { alg: 'PS256', kid: '1' })],
  ['no signature', 'bad-signature', unsigned('ES256')],
  ['the kid of another key of its issuer', 'bad-signature', forge({}, { alg: 'ES256', kid: '2' })],
  [
    'the kid of another issuer, and its key',
    'bad-signature',
    forge({}, { alg: 'ES256', kid: 'q' }, foreign.privateKey),
  ],
  ['a kid that nobody has', 'bad-signature', forge({}, { alg: 'ES256', kid: '3' })],
  ['no kid, where there are two', 'bad-signature', forge({}, { alg: 'ES256' })],
  ['a kid that is a path', 'bad-signature', forge({}, { alg: 'ES256', kid: '../../dev/null' })],
  [
    'a key of its own',
    'malformed',
    forge({}, { alg: 'ES256', jwk: jwk('1', foreign.publicKey) }, foreign.privateKey),
  ],
  ['a certificate of its own', 'malformed', forge({}, { alg: 'ES256', kid: '1', x5c: ['MAA='] })],
  [
    'the type of a statement',
    'malformed',
    forge({}, { alg: 'ES256', kid: '1', typ: 'sealtrack-question+jws' }),
  ],
  ['too much', 'malformed', forge({ more: 'a'.repeat(4096) })],
  ['a great deal too much', 'malformed', 'a'.repeat(1_000_000)],
  ['deep content', 'malformed', forge(`{"a":${'['.repeat(1000)}${']'.repeat(1000)}}`)],
  ['a claim twice', 'malformed', forge(twice)],
  ['an end that is text', 'bad-claim exp', forge({ exp: `${NOW + 600}` })],
  ['an end that is no whole second', 'bad-claim exp', forge({ exp: NOW + 0.5 })],
  ['an end in milliseconds', 'bad-claim exp', forge({ exp: (NOW + 600) * 1000 })],
  ['an end before its beginning', 'bad-claim exp', forge({ exp: NOW - 1 })],
  ['a beginning in the future', 'not-yet-valid', forge({ iat: NOW + 100, exp: NOW + 200 })],
  ['a beginning that makes it short', 'too-long', forge({ iat: NOW - 3600 })],
  ['another audience', 'bad-claim aud', forge({ aud: 'crm' })],
  ['another action', 'bad-claim act', forge({ act: 'delete' })],
  ['a list of recordings', 'bad-claim recording', forge({ recording: ['rec-1', 'rec-2'] })],
  ['an issuer that is a list', 'unknown-issuer', forge({ iss: [CRM] })],
  ['the name of a method for its issuer', 'unknown-issuer', forge({ iss: '__proto__' })],
  ...['sub', 'aud', 'iat', 'exp', 'jti', 'tenant', 'recording', 'media', 'act'].map(
    (claim) => [`no ${claim}`, `bad-claim ${claim}`, forge(without(claim))] as [string, string, string],
  ),
  ['no iss', 'unknown-issuer', forge(without('iss'))],
])('%s: %s', async (_, reason, ticket) => {
  expect(await reasonOf(ticket)).toBe(reason);
});

test('whatever is in one, it is taken or refused, and never breaks anything', async () => {
  const names = fc.constantFrom(...Object.keys(claims), 'nbf', 'addr', 'constructor');
  await fc.assert(
    fc.asyncProperty(fc.dictionary(names, fc.jsonValue({ maxDepth: 3 })), async (over) => {
      expect(await reasonOf(forge(over))).toMatch(/^[a-z]/);
    }),
    { numRuns: 200 },
  );
});

const key = { kid: '1', pem: pem(first.publicKey) };
const issuer = { id: 'a', tenants: ['acme'], keys: [key] };
test.each<[RegExp, unknown]>([
  [/no JSON object/, []],
  [/version/, { issuers: [issuer] }],
  [/other/, { version: 1, issuers: [{ ...issuer, other: 1 }] }],
  [/twice/, { version: 1, issuers: [issuer, issuer] }],
  [/same kid/, { version: 1, issuers: [{ ...issuer, keys: [key, key] }] }],
  [/tenants/, { version: 1, issuers: [{ ...issuer, tenants: ['Acme'] }] }],
  [/tenants/, { version: 1, issuers: [{ ...issuer, tenants: [] }] }],
  [/keys/, { version: 1, issuers: [{ ...issuer, keys: [] }] }],
  [/keys/, { version: 1, issuers: [{ ...issuer, keys: [{ kid: '1', kty: 'oct', k: 'AAAA' }] }] }],
  [/private key/, { version: 1, issuers: [{ ...issuer, keys: [jwk('1', first.privateKey)] }] }],
  [
    /private key/,
    {
      version: 1,
      issuers: [
        { ...issuer, keys: [{ kid: '1', pem: first.privateKey.export({ type: 'pkcs8', format: 'pem' }) }] },
      ],
    },
  ],
  [/cannot be read/, { version: 1, issuers: [{ ...issuer, keys: [{ kid: '1', pem: 'x' }] }] }],
  [
    /neither EC/,
    {
      version: 1,
      issuers: [
        {
          ...issuer,
          keys: [{ kid: '1', pem: pem(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey) }],
        },
      ],
    },
  ],
])('a file of issuers that is refused: %s', (what, content) => {
  expect(() => parse(content)).toThrow(what);
});
