import type { Access, Action } from '@sealtrack/access/access';
import { AppError } from '@sealtrack/errors/app-error';
import { parseMediaId, parseRecordingId, parseTenantId } from '@sealtrack/ids/parse';
import type { TicketUse } from '@sealtrack/tickets/ticket';
import { ticketInvalid } from '@sealtrack/tickets/ticket-invalid';
import { expect, test } from 'vitest';
import { createAuthorisePlayback } from './authorise-playback.ts';
import type { CallerContext } from './caller-context.ts';

const ids = {
  tenantId: parseTenantId('acme'),
  recordingId: parseRecordingId('rec-1'),
  mediaId: parseMediaId('main'),
};

/** What comes of a call by somebody who may do these things, and where a ticket is looked at for. */
async function outcome(
  may: readonly Action[],
  ticket: string,
  peer = '198.51.100.1:4711',
  who: Pick<CallerContext, 'names' | 'via'> = { names: ['gateway.acme.example'], via: [] },
) {
  const addresses: string[] = [];
  const uses: string[] = [];
  const access: Pick<Access, 'authorise'> = {
    authorise(names, action, tenantId) {
      expect([names, tenantId]).toEqual([who.names, 'acme']);
      if (!may.includes(action)) throw new AppError('PERMISSION_DENIED', action, { fix: 'None.' });
    },
  };
  const verify = async (given: string, use: TicketUse) => {
    addresses.push(use.clientAddress);
    if (given === 'forged') throw ticketInvalid('bad-signature');
    const action = given === 'export' ? ('export' as const) : ('play' as const);
    const said = {
      ticketId: 'j1',
      issuer: 'crm',
      user: 'anna',
      clientAddress: undefined,
      expires: new Date(),
    };
    return { ...ids, ...said, action };
  };
  const used = { use: async ({ ticketId }: { ticketId: string }) => void uses.push(ticketId) };
  const authorise = createAuthorisePlayback({ access, tickets: { verify }, used });
  const caller = { ...who, peer };
  const wanted = { ...ids, ticket, clientAddress: '192.0.2.7', caller };
  try {
    const { action, onBehalfOf, useOnce } = await authorise(wanted);
    // Asked for many ranges, and used by one that plays.
    expect(uses).toEqual([]);
    await useOnce();
    return { is: action, onBehalfOf, addresses, uses };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { is: `${error.code} ${error.details.reason ?? error.message}`, addresses, uses };
  }
}

const NOBODY = { user: '', ticketId: '' };
const ANNA = { user: 'anna', ticketId: 'j1' };
const [PLAYER, GATEWAY] = [['media.play'], ['media.play-for-others']] as const;

test.each<[what: string, readonly Action[], ticket: string, expected: object]>([
  [
    'a player without a ticket plays by itself',
    PLAYER,
    '',
    { is: 'play', onBehalfOf: NOBODY, addresses: [] },
  ],
  ['a gateway without one does not', GATEWAY, '', { is: 'TICKET_INVALID missing' }],
  [
    'a gateway plays for whoever has one, where he is',
    GATEWAY,
    't',
    { is: 'play', onBehalfOf: ANNA, addresses: ['192.0.2.7'], uses: [] },
  ],
  ['a gateway exports once', GATEWAY, 'export', { is: 'export', onBehalfOf: ANNA, uses: ['j1'] }],
  [
    'a player with one plays where it is itself',
    PLAYER,
    't',
    { is: 'play', onBehalfOf: ANNA, addresses: ['198.51.100.1'] },
  ],
  ['who has both roles says where', [...PLAYER, ...GATEWAY], 't', { is: 'play', addresses: ['192.0.2.7'] }],
  ['who has both roles needs none', [...PLAYER, ...GATEWAY], '', { is: 'play', onBehalfOf: NOBODY }],
  ['a forged one is none', GATEWAY, 'forged', { is: 'TICKET_INVALID bad-signature' }],
  ['a forged one is not made good by a role', PLAYER, 'forged', { is: 'TICKET_INVALID bad-signature' }],
  ['nobody plays', [], '', { is: 'PERMISSION_DENIED media.play' }],
  [
    'nor with a ticket, which is not looked at',
    ['certificate.read'],
    't',
    { is: 'PERMISSION_DENIED media.play', addresses: [] },
  ],
])('%s', async (_, may, ticket, expected) => {
  expect(await outcome(may, ticket)).toMatchObject(expected);
});

const alice = { names: ['user:alice', 'group:players'], via: ['console'] };
const ALICE = { user: 'alice', ticketId: '' };

test.each<[what: string, readonly Action[], ticket: string, expected: object]>([
  ['needs no ticket', PLAYER, '', { is: 'play', onBehalfOf: ALICE, addresses: [] }],
  ['may not, without the action', ['recording.read'], '', { is: 'PERMISSION_DENIED media.play' }],
  ['plays for nobody else, whatever a policy says', GATEWAY, 't', { is: 'PERMISSION_DENIED media.play' }],
  ['is told of the role, not of a ticket', GATEWAY, '', { is: 'PERMISSION_DENIED media.play' }],
  [
    'is herself with the ticket of another, and not where she says',
    [...PLAYER, ...GATEWAY],
    't',
    { is: 'play', onBehalfOf: { user: 'alice', ticketId: 'j1' }, addresses: ['192.0.2.44'] },
  ],
])('a person who plays through a console %s', async (_, may, ticket, expected) => {
  expect(await outcome(may, ticket, '192.0.2.44:1', alice)).toMatchObject(expected);
});

test.each(['[2001:db8::1]:4711', '2001:db8::1:4711'])('the address of %s', async (peer) => {
  const { addresses } = await outcome(PLAYER, 't', peer);
  expect(addresses[0]?.replace(/[[\]]/g, '')).toBe('2001:db8::1');
});
