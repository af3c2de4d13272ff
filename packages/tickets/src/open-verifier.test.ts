import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { parseMediaId, parseRecordingId, parseTenantId } from '@sealtrack/ids/parse';
import { noteLines } from '@sealtrack/service-kit/testing/note-lines';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openTicketVerifier } from './open-verifier.ts';
import { signTicket } from './sign-ticket.ts';
import type { TicketVerifier } from './ticket.ts';

const folder = await temporaryFolder();
afterAll(() => folder.remove());
const path = `${folder.path}/ticket-issuers.json`;
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = publicKey.export({ type: 'spki', format: 'pem' });
const write = (...ids: string[]) =>
  writeFileSync(
    path,
    JSON.stringify({
      version: 1,
      issuers: ids.map((id) => ({ id, tenants: ['*'], keys: [{ kid: '1', pem }] })),
    }),
  );
const ids = {
  tenantId: parseTenantId('acme'),
  recordingId: parseRecordingId('rec-1'),
  mediaId: parseMediaId('main'),
};

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
afterEach(() => void vi.useRealTimers());

async function isTaken(verifier: TicketVerifier, issuer: string): Promise<boolean> {
  const wanted = { ...ids, issuer, user: 'anna', action: 'play', lifetimeSeconds: 60 } as const;
  const { ticket } = await signTicket(wanted, { key: privateKey }, new Date());
  return await verifier.verify(ticket, { ...ids, clientAddress: '' }).then(
    () => true,
    () => false,
  );
}

test('the issuers are those in the file, as it is when it is whole', async () => {
  write('a');
  const { lines, log } = noteLines();
  using verifier = await openTicketVerifier({ ticketIssuersFile: path, ticketMaxSeconds: 60 }, log);
  const taken = () => Promise.all(['a', 'b'].map((issuer) => isTaken(verifier, issuer)));
  expect(await taken()).toEqual([true, false]);
  write('a', 'b');
  await vi.waitFor(
    async () => {
      await vi.advanceTimersByTimeAsync(1_000);
      expect(await taken()).toEqual([true, true]);
    },
    { timeout: 30_000, interval: 10 },
  );
  writeFileSync(path, '{"version": 1, "issuers": [');
  await vi.waitFor(
    async () => {
      await vi.advanceTimersByTimeAsync(1_000);
      expect(JSON.stringify(lines)).toContain('cannot be read: the one before stays');
    },
    { timeout: 30_000, interval: 10 },
  );
  expect(await taken()).toEqual([true, true]);
});

test('without a file nobody makes tickets; with one that cannot be used nothing starts', async () => {
  const { log } = noteLines();
  using nobody = await openTicketVerifier({ ticketIssuersFile: undefined, ticketMaxSeconds: 60 }, log);
  expect(await isTaken(nobody, 'a')).toBe(false);
  writeFileSync(path, '{}');
  await expect(
    openTicketVerifier({ ticketIssuersFile: path, ticketMaxSeconds: 60 }, log),
  ).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    fix: expect.stringContaining('create-issuer'),
    details: { SEALTRACK_TICKET_ISSUERS: expect.stringMatching(/version/) },
  });
});
