import { generateKeyPairSync } from 'node:crypto';
import { OPEN_ACCESS } from '@sealtrack/access/access';
import { connectBus } from '@sealtrack/bus/connect';
import { openKv } from '@sealtrack/bus/kv';
import { ensureStreams } from '@sealtrack/bus/streams';
import { BUCKETS } from '@sealtrack/contracts/subjects';
import { parseMediaId, parseRecordingId, parseTenantId } from '@sealtrack/ids/parse';
import { noteLines } from '@sealtrack/service-kit/testing/note-lines';
import { testNats } from '@sealtrack/testkit/test-servers';
import { createTicketVerifier } from '@sealtrack/tickets/create-verifier';
import { signTicket } from '@sealtrack/tickets/sign-ticket';
import { parseTicketIssuers } from '@sealtrack/tickets/ticket-issuers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { afterAll, expect, test } from 'vitest';
import { createAuthorisePlayback } from '../authorise-playback.ts';
import { createKvUsedTickets } from './kv-used-tickets.ts';

const nats = await testNats();
const { log } = noteLines();
const stack = new AsyncDisposableStack();
afterAll(() => stack.disposeAsync());

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = publicKey.export({ type: 'spki', format: 'pem' });
const keys = [{ kid: '1', pem }];
const issuers = parseTicketIssuers(
  Buffer.from(JSON.stringify({ version: 1, issuers: [{ id: 'crm', tenants: ['*'], keys }] })),
);
const ids = {
  tenantId: parseTenantId('acme'),
  recordingId: parseRecordingId('rec-1'),
  mediaId: parseMediaId('main'),
};
const newTicket = async (action: 'play' | 'export') => {
  const wanted = { ...ids, issuer: 'crm', user: 'anna', action, lifetimeSeconds: 60 };
  return (await signTicket(wanted, { key: privateKey }, new Date())).ticket;
};

/** A crypto server, as far as tickets go. */
async function startServer() {
  const bus = stack.use(
    await connectBus({ transport: PLAINTEXT, url: nats.url, name: 'crypto-server', log }),
  );
  await ensureStreams(bus);
  const authorise = createAuthorisePlayback({
    access: OPEN_ACCESS,
    tickets: createTicketVerifier({ issuers: () => issuers, maxSeconds: 60 }),
    used: createKvUsedTickets(openKv(bus, BUCKETS.tickets)),
  });
  const caller = { names: [], via: [], peer: '127.0.0.1:1' };
  return async (ticket: string): Promise<string> => {
    const playback = await authorise({ ...ids, ticket, clientAddress: '', caller });
    return await playback.useOnce().then(
      () => playback.action,
      (error) => error.details.reason,
    );
  };
}
const [one, other] = [await startServer(), await startServer()];

test('a ticket to export is used once, whoever is asked, however many at the same time, and after all of them restarted', async () => {
  const ticket = await newTicket('export');
  const outcomes = await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 ? one : other)(ticket)));
  expect(outcomes.toSorted()).toEqual(['export', ...Array.from({ length: 19 }, () => 'used')]);
  await nats.kill();
  await nats.restart();
  const restarted = await startServer();
  expect([await restarted(ticket), await other(ticket)]).toEqual(['used', 'used']);
  expect(await other(await newTicket('export'))).toBe('export');
});

test('a ticket to play is used as often as somebody seeks', async () => {
  const ticket = await newTicket('play');
  expect([await one(ticket), await one(ticket), await other(ticket)]).toEqual(['play', 'play', 'play']);
});

test('of another issuer, the same id is another ticket', async () => {
  const taken: string[] = [];
  const used = createKvUsedTickets({ create: async (key) => taken.push(key) });
  for (const issuer of ['a', 'b']) await used.use({ issuer, ticketId: 'x' });
  expect(new Set(taken).size).toBe(2);
  for (const key of taken) expect(key).toMatch(/^[0-9a-f]{64}$/);
});
