import { AppError } from '@sealtrack/errors/app-error';
import { parseTenantId } from '@sealtrack/ids/parse';
import { expect, test } from 'vitest';
import { createLiveState, type StateRequest } from './live-state.ts';

const away = new AppError('BUS_UNAVAILABLE', 'away', { fix: 'Wait.' });

test('parts that the person may not know are null, as are those that nobody can say; and all is asked once for all', async () => {
  const calls: string[] = [];
  let ms = 0;
  let isBusAway = false;
  const services = [
    { service: 'NATS', address: 'x', isUp: true, since: '2026-01-01T00:00:00.000Z', message: null },
  ];
  const state = createLiveState({
    busState: {
      backlog: async () => {
        calls.push('backlog');
        if (isBusAway) throw away;
        return { captures: 3, events: null };
      },
      countDeadLetters: async (tenantId) => {
        calls.push(`letters of ${tenantId}`);
        if (isBusAway) throw away;
        return 2;
      },
    },
    certificates: {
      listCertificates: async ({ tenantId, expiresBefore }, options) => {
        calls.push(`certificates of ${tenantId} for ${options?.onBehalfOf?.join(' ')}`);
        expect(expiresBefore).toEqual(new Date(30 * 86_400_000));
        const one = { certificateId: 'c', alias: 'a', notAfter: new Date(1), holding: false };
        const page = { certificates: [one, { ...one, holding: true }], nextPageToken: '', total: 2 };
        return page as never;
      },
    },
    askSeals: async () => {
      calls.push('seals');
      return [{ server: 's', state: 'open' }];
    },
    health: { all: () => services },
    now: () => new Date(ms),
    log: { debug: () => {} },
  });
  const [demo, acme] = [parseTenantId('demo'), parseTenantId('acme')];
  const ask = (tenantId: StateRequest['tenantId'], user: string, ...actions: string[]) =>
    state({
      tenantId,
      may: (action, of) => actions.includes(of === undefined ? `${action} of all` : action),
      call: { signal: new AbortController().signal, onBehalfOf: [`user:${user}`] },
    });
  const common = { backlog: { captures: 3, events: null }, deadLetters: 2, services };
  const expiring = [{ certificateId: 'c', alias: 'a', notAfter: '1970-01-01T00:00:00.001Z' }];
  const seals = [{ server: 's', state: 'open' }];
  expect(
    await Promise.all([
      ask(demo, 'alice', 'certificate.read', 'seal.read of all'),
      ask(demo, 'ben', 'certificate.read', 'seal.read'),
      ask(demo, 'carl'),
      ask(acme, 'alice', 'certificate.read'),
    ]),
  ).toEqual([
    { ...common, expiring, seals },
    { ...common, expiring, seals: null },
    { ...common, expiring: null, seals: null },
    { ...common, expiring, seals: null },
  ]);
  expect(calls.toSorted()).toEqual([
    ...['backlog', 'certificates of acme for user:alice', 'certificates of demo for user:alice'],
    ...['letters of acme', 'letters of demo', 'seals'],
  ]);
  isBusAway = true;
  ms += 2_000;
  expect(await ask(demo, 'carl')).toMatchObject({
    ...{ backlog: { captures: null, events: null }, deadLetters: null, services },
  });
});
