import { createHash, randomUUID } from 'node:crypto';
import { AppError } from '@sealtrack/errors/app-error';
import type { ErrorCode } from '@sealtrack/errors/codes';
import { parseTenantId } from '@sealtrack/ids/parse';
import type { Signer } from '@sealtrack/statements/statement';
import { describe, expect, test, vi } from 'vitest';
import { callerText } from './caller-context.ts';
import { errorClaims, jweClaims } from './domain/key-answer.ts';
import { claimsOf, type KeyRequest } from './domain/key-request.ts';
import type { KeyUse } from './key-use.ts';
import {
  type Answers,
  bus,
  by,
  certificateId,
  GRANTS,
  type Holder,
  party,
  sealed,
  server,
  stranger,
  tenantId,
  use,
} from './testing/key-servers.ts';

const { envelope, dek } = await sealed();
const alice = ['user:alice', 'group:listeners'];
const throughConsole: KeyUse = { ...use, caller: { ...use.caller, names: alice, via: ['console'] } };
const [asking, holder, other] = [
  await server('crypto-1', { holds: false }),
  await server('crypto-2'),
  await server('crypto-3'),
];
const [player, outsider, ofBeta] = [await party('player'), await stranger(), await party('crypto-of-beta')];
const nobodyElse = 'f'.repeat(64);
const isWiped = (bytes: Buffer) => bytes.every((byte) => byte === 0);

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: AppError) => error,
  );

describe('a key that another crypto server holds', () => {
  test('comes from there, and who had it stands on record there first', async () => {
    const { holders, crossed } = bus(holder.answer);
    const found = await asking.asking(holders)(use, envelope, [certificateId]);
    expect(found.certificateId).toBe(certificateId);
    expect(await found.dek()).toEqual(dek);
    expect(holder.handedOver).toEqual([
      {
        ...{ tenantId, recordingId: 'call-1', mediaId: 'main', certificateId, action: 'play' },
        ...{ server: 'crypto-1 localhost', caller: 'player', purpose: 'a test', user: '', ticketId: '' },
        accessId: use.accessId,
        envelopeDigest: createHash('sha256').update(envelope.der).digest('hex'),
      },
    ]);
    expect(holder.deks.map(isWiped)).toEqual([true]);
    expect([asking.outcomes, holder.outcomes]).toEqual([['opened'], ['opened']]);
    expect(crossed).toHaveLength(2);
    // Each part of what crosses is base64 of its own.
    const readable = crossed.flatMap((text) => [
      text,
      ...text.split('.').map((part) => Buffer.from(part, 'base64url')),
    ]);
    for (const form of [dek.toString('latin1'), dek.toString('hex'), dek.toString('base64').slice(0, 40)])
      for (const text of readable) expect(text.toString('latin1').includes(form)).toBe(false);
  });

  test.each<[who: string, KeyUse, user: string]>([
    ['a gateway with a ticket', by('gateway', { ticket: 'good', clientAddress: '192.0.2.9' }), 'anna'],
    ['somebody who decrypts himself', by('player', { action: 'unwrap' }), ''],
    ['somebody who plays through a console', throughConsole, 'alice'],
  ])('is had by %s', async (_, wanted, user) => {
    const found = await asking.asking(bus(holder.answer).holders)(wanted, envelope, [certificateId]);
    expect(await found.dek()).toEqual(dek);
    expect(holder.handedOver.at(-1)).toMatchObject({ user, caller: callerText(wanted.caller) });
  });
});

test('of a caller for whom nobody speaks, a request is as holders have it that know nothing of that', () => {
  const { caller, ...wanted } = use;
  const request = { ...wanted, requestId: randomUUID(), certificateId, traceparent: '', publicKey: KEY };
  const { names, via, peer } = caller;
  const asked = { ...request, envelope: envelope.der, caller: { names: [...names], via: [...via], peer } };
  expect(Object.keys(claimsOf(asked).caller).sort()).toEqual(['names', 'peer']);
});

/** A request as it is sent, by whomever, of whatever it says. */
async function requestOf(
  signer: Signer,
  more: Partial<KeyRequest & { extra: string }> = {},
  kind = 'key-request',
) {
  const { caller, onBehalfOf: _, ...wanted } = use;
  const { names, via, peer, traceparent } = caller;
  const request: KeyRequest = {
    ...{ ...wanted, requestId: randomUUID(), certificateId, traceparent, envelope: envelope.der },
    ...{ caller: { names: [...names], via: [...via], peer }, publicKey: KEY, ...more },
  };
  return await signer.sign(kind, claimsOf(request));
}
const KEY = Buffer.from(
  '3059301306072a8648ce3d020106082a8648ce3d030107034200046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5',
  'hex',
);

describe('a holder does not answer', () => {
  test.each<[what: string, () => Promise<string>]>([
    ['what somebody of another CA has signed', () => requestOf(outsider.signer)],
    ['what is a statement of another kind', () => requestOf(asking.signer, {}, 'key-answer')],
    [
      'what is for another certificate than it was sent to',
      () => requestOf(asking.signer, { certificateId: nobodyElse as never }),
    ],
    ['what says more than it knows', () => requestOf(asking.signer, { extra: 'x' })],
    ['what would break the line in a record', () => requestOf(asking.signer, { purpose: 'a\nb' })],
    [
      'what was changed',
      async () => (await requestOf(asking.signer)).replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')),
    ],
    [
      'what names a person and a certificate as one',
      () => requestOf(asking.signer, { caller: { names: [...alice, 'player'], via: ['console'], peer: '' } }),
    ],
    ['what is nothing', async () => 'hello'],
  ])('%s', async (_, make) => {
    expect(await other.answer(certificateId, await make())).toBeUndefined();
    expect([other.handedOver, other.denied, other.deks]).toEqual([[], [], []]);
    expect(other.outcomes.at(-1)).toBe('untrusted');
  });

  test('the same request a second time, nor one that is old', async () => {
    const text = await requestOf(asking.signer);
    expect(await holder.answer(certificateId, text)).toMatch(/^eyJ/);
    expect(await holder.answer(certificateId, text)).toBeUndefined();
    const late = await server('crypto-2', { clock: () => new Date(Date.now() + 31_000) });
    expect(await late.answer(certificateId, await requestOf(asking.signer))).toBeUndefined();
  });
});

describe('a holder refuses, puts it on record, and uses no key', () => {
  const fromPlayer = { signer: player.signer };
  test.each<[who: string, by: { signer: Signer }, Partial<KeyRequest>, code: string, record: object]>([
    [
      'somebody who is no crypto server',
      fromPlayer,
      {},
      'PERMISSION_DENIED',
      { action: 'key.hand-over', caller: 'player localhost' },
    ],
    [
      "another tenant's crypto server",
      ofBeta,
      {},
      'PERMISSION_DENIED',
      { action: 'key.hand-over', caller: 'crypto-of-beta localhost' },
    ],
    [
      'an administrator, who does not listen',
      asking,
      { caller: { names: ['administrator'], via: [], peer: '' } },
      'PERMISSION_DENIED',
      { action: 'media.play', caller: 'administrator through crypto-1 localhost' },
    ],
    [
      'nobody in particular',
      asking,
      { caller: { names: [], via: [], peer: '192.0.2.1' } },
      'PERMISSION_DENIED',
      { caller: '192.0.2.1 through crypto-1 localhost' },
    ],
    [
      'a gateway that has session keys for itself',
      asking,
      { caller: { names: ['gateway'], via: [], peer: '' }, action: 'unwrap' },
      'PERMISSION_DENIED',
      { action: 'key.unwrap' },
    ],
    [
      'a person for whom a console speaks, and who may not',
      asking,
      { caller: { names: ['user:bob', 'group:administrators'], via: ['console'], peer: '' } },
      'PERMISSION_DENIED',
      {
        ...{ action: 'media.play', user: 'bob' },
        caller: 'user:bob group:administrators via console through crypto-1 localhost',
      },
    ],
    [
      'a person for whom somebody else speaks',
      asking,
      { caller: { names: alice, via: ['gateway'], peer: '' } },
      'PERMISSION_DENIED',
      {
        action: 'user.act-for',
        user: '',
        caller: `${alice.join(' ')} via gateway through crypto-1 localhost`,
      },
    ],
    [
      'a person for whom nobody speaks',
      asking,
      { caller: { names: alice, via: [], peer: '' }, action: 'unwrap' },
      'PERMISSION_DENIED',
      { action: 'user.act-for' },
    ],
    [
      'a gateway without a ticket',
      asking,
      { caller: { names: ['gateway'], via: [], peer: '' } },
      'TICKET_INVALID',
      { code: 'TICKET_INVALID' },
    ],
    [
      'a gateway with a ticket that is none',
      asking,
      { caller: { names: ['gateway'], via: [], peer: '' }, ticket: 'forged' },
      'TICKET_INVALID',
      { code: 'TICKET_INVALID' },
    ],
  ])('%s', async (_, { signer }, more, code, record) => {
    const refusing = await server('crypto-3');
    const said = await refusing.answer(certificateId, await requestOf(signer, more));
    const { claims } = await asking.verifier.verify('key-answer', said ?? '');
    expect(claims).toMatchObject({ error: { code } });
    expect(refusing.denied).toMatchObject([{ tenantId, code, recordingId: 'call-1', ...record }]);
    expect([refusing.deks, refusing.handedOver, refusing.outcomes]).toEqual([[], [], ['refused']]);
  });

  test('whoever asks is told so, by its own policy too', async () => {
    const withoutPlayers = await server('crypto-2', {
      grants: GRANTS.filter(({ role }) => role !== 'player'),
    });
    const { holders } = bus(withoutPlayers.answer, holder.answer);
    const refused = await failure(asking.asking(holders)(use, envelope, [certificateId]));
    expect(refused).toMatchObject({ code: 'PERMISSION_DENIED', details: { action: 'media.play' } });
    expect(asking.outcomes.at(-1)).toBe('refused');
  });

  test('a caller for whom too much has failed, through whichever server, and no other', async () => {
    const failing = new AppError('ENVELOPE_INVALID', 'No', { fix: 'None.' });
    const decrypt = vi.fn(() => Promise.reject<Buffer>(failing));
    const refusing = await server('crypto-3', { decrypt });
    const codes: unknown[] = [];
    for (const by of [asking, holder, asking]) {
      const said = await refusing.answer(certificateId, await requestOf(by.signer));
      const { claims } = await asking.verifier.verify('key-answer', said ?? '');
      codes.push((claims as { error?: { code: string } }).error?.code);
    }
    expect(codes).toEqual(['ENVELOPE_INVALID', 'ENVELOPE_INVALID', 'TOO_MANY_FAILURES']);
    const gateway = { caller: { names: ['gateway'], via: [], peer: '' }, ticket: 'good' };
    await refusing.answer(certificateId, await requestOf(asking.signer, gateway));
    expect(decrypt).toHaveBeenCalledTimes(3);
  });

  test('no key leaves that could not be put on record', async () => {
    const broken = await server('crypto-2', {
      audit: () => Promise.reject(new AppError('AUDIT_UNAVAILABLE', 'No record', { fix: 'Wait.' })),
    });
    const { holders, crossed } = bus(broken.answer);
    const error = await failure(asking.asking(holders)(use, envelope, [certificateId]));
    expect(error).toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      message: expect.not.stringContaining('record'),
    });
    expect(broken.deks.length).toBeGreaterThan(0);
    expect(broken.deks.every(isWiped)).toBe(true);
    // Whether another one holds it was asked, and the same one answered.
    expect(crossed.length).toBeGreaterThan(2);
    const found = await asking.asking(bus(broken.answer, holder.answer).holders)(use, envelope, [
      certificateId,
    ]);
    expect(await found.dek()).toEqual(dek);
  });
});

const earlier = await (await server('crypto-2')).answer(certificateId, await requestOf(asking.signer));

describe('an answer is not believed', () => {
  test.each<[what: string, Answers]>([
    [
      'of somebody who is no crypto server',
      async (_, text) => player.signer.sign('key-answer', jweClaims(text, 'x')),
    ],
    [
      "of another tenant's crypto server",
      async (_, text) => ofBeta.signer.sign('key-answer', jweClaims(text, 'x')),
    ],
    ['of another CA', async (_, text) => outsider.signer.sign('key-answer', errorClaims(text, new Error()))],
    ['to another request', async () => earlier],
    ['of another kind', async (_, text) => holder.signer.sign('key-request', jweClaims(text, 'x'))],
    [
      'that says more',
      async (_, text) => holder.signer.sign('key-answer', { ...jweClaims(text, 'x'), dek: 'x' }),
    ],
    ['that is the request itself', async (_, text) => text],
    ['that is nothing', async () => '{}'],
  ])('%s', async (_, forged) => {
    const count = asking.outcomes.length;
    // Both come to the same request.
    const { holders } = bus(async (...asked) =>
      [await forged(...asked), await holder.answer(...asked)].flat(),
    );
    const found = await asking.asking(holders)(use, envelope, [certificateId]);
    expect(await found.dek()).toEqual(dek);
    expect(asking.outcomes.slice(count)).toContain('untrusted');
  });

  test('and with no other one nothing is known', async () => {
    const { holders } = bus(async () => '{}');
    const error = await failure(asking.asking(holders)(use, envelope, [certificateId]));
    expect(error).toMatchObject({ code: 'SERVICE_UNAVAILABLE', details: { certificate_id: certificateId } });
  });

  test('what a crypto server encrypts to another key opens nothing', async () => {
    const { holders } = bus(async (_, text) => holder.signer.sign('key-answer', jweClaims(text, 'a..b.c.d')));
    const found = await asking.asking(holders)(use, envelope, [certificateId]);
    expect(await failure(found.dek())).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  });
});

describe('holders that do not answer', () => {
  const saying = (code: ErrorCode): Answers => {
    const error = new AppError(code, 'secret of the holder', { fix: 'None.' });
    return async (_, text) => holder.signer.sign('key-answer', errorClaims(text, error));
  };

  test.each<[what: string, ...answers: Holder[]]>([
    ['hang', 'hangs', 'hangs', holder.answer],
    ['are busy', 'busy', holder.answer],
    ['fail', saying('INTERNAL'), holder.answer],
    ['have it for another tenant', saying('KEY_NOT_HELD'), holder.answer],
    ['have it damaged, as the one that asks', saying('SEAL_BROKEN'), holder.answer],
    ['have deleted it', saying('CERTIFICATE_DELETED'), holder.answer],
  ])('and %s leave it to another one', async (_, ...answers) => {
    const found = await asking.asking(bus(...answers).holders)(use, envelope, [certificateId]);
    expect(await found.dek()).toEqual(dek);
  });

  test.each<[what: string, code: string, answers: Holder[]]>([
    ['nobody is there', 'KEY_NOT_HELD', []],
    ['nobody has it after all', 'KEY_NOT_HELD', [saying('KEY_NOT_HELD')]],
    ['all hang', 'SERVICE_UNAVAILABLE', ['hangs']],
    ['all have too much to do', 'TOO_MANY_DECRYPTIONS', ['busy']],
    ['one says that it has', 'TOO_MANY_DECRYPTIONS', [saying('TOO_MANY_DECRYPTIONS')]],
    ['its seal is broken', 'SEAL_BROKEN', [saying('SEAL_BROKEN')]],
    ['what stands in the way is nobody else’s business', 'SERVICE_UNAVAILABLE', [saying('INTERNAL')]],
  ])('when %s it is %s', async (_, code, answers) => {
    const error = await failure(asking.asking(bus(...answers).holders)(use, envelope, [certificateId]));
    expect(error).toMatchObject({ code, fix: expect.stringMatching(/\.$/) });
    if (code === 'SERVICE_UNAVAILABLE') expect(error?.message).not.toContain('secret');
  });

  test('the certificates that nobody holds are named, and the second is asked for as well', async () => {
    const ids = [nobodyElse, certificateId];
    const none = await failure(asking.asking(bus().holders)(use, envelope, ids));
    expect(none).toMatchObject({ code: 'KEY_NOT_HELD', details: { certificate_ids: ids.join(' ') } });
    const { holders } = bus(holder.answer);
    const second = {
      ask: (id: never, ...rest: never[]) =>
        id === certificateId
          ? holders.ask(id, ...(rest as unknown as [never, never]))
          : Promise.resolve({ kind: 'nobody' as const }),
    };
    expect(await asking.asking(second as typeof holders)(use, envelope, ids)).toMatchObject({
      certificateId,
    });
  });

  test('what is too large for a message is refused before it is sent', async () => {
    const { holders, crossed } = bus(holder.answer);
    const large = { ...envelope, der: Buffer.alloc(200_000) };
    const error = await failure(asking.asking(holders)(use, large, [certificateId]));
    expect(error).toMatchObject({ code: 'KEY_NOT_HELD', message: expect.stringContaining('too large') });
    expect(crossed).toEqual([]);
  });

  test('no more are asked for at a time than may be, and those beyond who may wait are told', async () => {
    const { holders, crossed } = bus(holder.answer);
    const find = asking.asking(holders);
    const all = Array.from({ length: 5 }, () => find(use, envelope, [certificateId]));
    const ended = await Promise.allSettled(all);
    const refused = ended.flatMap((each) => (each.status === 'rejected' ? [each.reason.code] : []));
    expect(refused).toEqual(['TOO_MANY_DECRYPTIONS']);
    expect(crossed.length).toBeGreaterThanOrEqual(8);
  });

  test('a holder that hangs holds up no other tenant', async () => {
    const hangs = bus('hangs').holders;
    const nobody = bus().holders;
    const holders: typeof hangs = {
      ask: (id, ...rest) => (id === certificateId ? hangs : nobody).ask(id, ...rest),
    };
    const find = asking.asking(holders);
    const ended: unknown[] = [];
    const note = async (who: string, wanted: KeyUse, id: string) => {
      ended.push([who, (await failure(find(wanted, envelope, [id])))?.code]);
    };
    const ofAcme = [1, 2, 3].map(() => note('acme', use, certificateId));
    await note('beta', { ...use, tenantId: parseTenantId('beta') }, nobodyElse);
    expect(ended).toEqual([['beta', 'KEY_NOT_HELD']]);
    await Promise.all(ofAcme);
  });

  test('whoever goes away waits for nobody', async () => {
    const gone = new AbortController();
    const reason = new AppError('CANCELLED', 'gone', { fix: 'None.' });
    const wanted = { ...use, caller: { ...use.caller, signal: gone.signal } };
    const waiting = failure(asking.asking(bus('hangs').holders)(wanted, envelope, [certificateId]));
    gone.abort(reason);
    expect(await waiting).toBe(reason);
  });
});
