/** Playback tickets through a running system: made as an application makes them, presented as the gateway does. */
import { createPrivateKey, randomBytes } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decryptMedia } from '@sealtrack/cli/recordings/decrypt-media';
import { EVENT_KINDS } from '@sealtrack/contracts/event-kinds';
import { DecryptionServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import { parseMediaId, parseRecordingId, parseTenantId } from '@sealtrack/ids/parse';
import { connectRpc } from '@sealtrack/rpc/client';
import { type NewTicket, signTicket } from '@sealtrack/tickets/sign-ticket';
import { afterAll, expect, test } from 'vitest';
import { watchEvents } from './testing/events.ts';
import { header, put, stored } from './testing/media.ts';
import { run, SEALTRACK } from './testing/programs.ts';
import { createTenant } from './testing/tenant.ts';
import { systemForThisFile } from './testing/test-system.ts';
import { until } from './testing/until.ts';

let issuer: Record<string, string> = {};
const { system, doors } = await systemForThisFile(async (home) => {
  const out = join(home, 'tickets');
  const args = ['tickets', 'create-issuer', '--issuer', 'crm', '--out', out, '--json'];
  const { stdout, code, said } = await run(process.execPath, [SEALTRACK, ...args]);
  expect(code, said).toBe(0);
  issuer = JSON.parse(stdout.toString());
  return {
    'crypto-server': { SEALTRACK_TICKET_ISSUERS: issuer.issuersFile ?? '', SEALTRACK_LOG_LEVEL: 'debug' },
  };
});
await createTenant(doors);
const media = randomBytes(600_000);
const [head, other] = [header(), header()];
for (const each of [head, other]) {
  await put(doors, each, media);
  await stored(doors, each);
}

const stack = new AsyncDisposableStack();
afterAll(() => stack.disposeAsync());
const as = async (party: 'playback' | 'player' | 'administrator') => {
  const transport = await system.connections.transportOf(party);
  return stack.use(connectRpc(DecryptionServiceDefinition, system.addresses.crypto, { transport }));
};
const [gateway, player, administrator] = [
  await as('playback'),
  await as('player'),
  await as('administrator'),
];

const key = createPrivateKey(await readFile(issuer.keyFile ?? ''));
const tickets: string[] = [];
async function ticketFor({ recordingId }: typeof head, more: Partial<NewTicket> = {}) {
  const wanted = {
    ...({ issuer: 'crm', user: 'anna', action: 'play', lifetimeSeconds: 600 } as const),
    ...{
      tenantId: parseTenantId('demo'),
      recordingId: parseRecordingId(recordingId),
      mediaId: parseMediaId(''),
    },
    ...more,
  };
  const made = await signTicket(wanted, { key, kid: issuer.kid }, new Date());
  tickets.push(made.ticket);
  return made;
}

const RANGE = { offset: 300_000, length: 1_000 };
/** The bytes, or why there are none. */
async function play(
  by: typeof gateway,
  { recordingId }: typeof head,
  ticket: string,
  clientAddress = '192.0.2.7',
) {
  const range = { offset: BigInt(RANGE.offset), length: BigInt(RANGE.length) };
  const ids = { tenantId: 'demo', recordingId, mediaId: '', headerOnly: false };
  try {
    const asked = { ...ids, range, purpose: 'test', ticket, clientAddress };
    const { content } = await decryptMedia(by, asked, new AbortController().signal);
    return Buffer.concat(await Array.fromAsync(content));
  } catch (error) {
    const { code, details } = error as { code: string; details?: { reason?: string } };
    return [code, details?.reason].filter(Boolean).join(' ');
  }
}
const sound = media.subarray(RANGE.offset, RANGE.offset + RANGE.length);

test('a gateway plays again and again for whoever has a ticket, and who that is stands on record', async () => {
  await using records = await watchEvents(doors, 'audit.>');
  const { ticket, ticketId } = await ticketFor(head, { clientAddress: '192.0.2.7' });
  for (let seek = 0; seek < 3; seek += 1)
    expect(await play(gateway, head, ticket, '::ffff:192.0.2.7')).toEqual(sound);
  const record = await records.first(EVENT_KINDS.mediaDecryptRequested, (data) => data.ticketId === ticketId);
  expect(record).toMatchObject({ user: 'anna', action: 'play', recordingId: head.recordingId });
  expect(record.caller).toMatch(/^playback/);
});

test('and for nobody else, nothing else and nowhere else', async () => {
  const { ticket } = await ticketFor(head, { clientAddress: '192.0.2.7' });
  expect(await play(gateway, head, '')).toBe('TICKET_INVALID missing');
  expect(await play(gateway, other, ticket)).toBe('TICKET_INVALID other-recording');
  expect(await play(gateway, head, ticket, '192.0.2.8')).toBe('TICKET_INVALID other-address');
  expect(await play(gateway, head, `${ticket.slice(0, -3)}AAA`)).toBe('TICKET_INVALID bad-signature');
  // By itself, from where its connection comes; and whoever may not listen does not with a ticket either.
  expect(await play(player, head, '')).toEqual(sound);
  expect(await play(player, head, ticket)).toBe('TICKET_INVALID other-address');
  expect(await play(administrator, head, ticket)).toBe('PERMISSION_DENIED');
});

test('a ticket to export is good once', async () => {
  const { ticket } = await ticketFor(head, { action: 'export' });
  const outcomes = await Promise.all([1, 2, 3].map(() => play(gateway, head, ticket)));
  expect(outcomes.filter((each) => typeof each !== 'string')).toEqual([sound]);
  expect(outcomes.filter((each) => each === 'TICKET_INVALID used')).toHaveLength(2);
});

test('a key that was taken out plays nothing any more, and no ticket is in any log', async () => {
  const { ticket } = await ticketFor(head);
  expect(await play(gateway, head, ticket)).toEqual(sound);
  await writeFile(issuer.issuersFile ?? '', '{"version": 1, "issuers": []}');
  await until('the key is gone', async () =>
    (await play(gateway, head, ticket)) === 'TICKET_INVALID unknown-issuer' ? true : undefined,
  );
  const logs = join(system.services['crypto-server'].logFile, '..');
  for (const name of await readdir(logs)) {
    const text = await readFile(join(logs, name), 'utf8').catch(() => '');
    for (const each of tickets)
      for (const part of each.split('.').slice(1)) expect(text.includes(part), name).toBe(false);
  }
});
