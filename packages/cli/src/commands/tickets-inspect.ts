import { resolve } from 'node:path';
import { AppError } from '@sealtrack/errors/app-error';
import type { MediaId, RecordingId, TenantId } from '@sealtrack/ids/ids';
import { createTicketVerifier } from '@sealtrack/tickets/create-verifier';
import { readTicket, type UnverifiedTicket } from '@sealtrack/tickets/read-ticket';
import { parseTicketIssuers, type TicketIssuers } from '@sealtrack/tickets/ticket-issuers';
import { MAX_TICKET_SECONDS } from '@sealtrack/tickets/ticket-settings';
import type { Command } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { readSmallFile } from '../files.ts';
import { printable, table } from '../output.ts';

const MAX_ISSUERS_BYTES = 4 * 1024 * 1024;
/** More than any ticket has, which is then said of it. */
const MAX_INPUT = 64 * 1024;

export function addTicketsInspect(group: Command, wire: Wire): void {
  group
    .command('inspect')
    .argument(
      '<ticket>',
      'the ticket, or - to read it from standard input, where nobody else on this machine sees it',
    )
    .description(
      'Show what a playback ticket says, and whether it has expired. Whether it is true is known only with --issuers; it is then ' +
        'verified as a crypto server does it.',
    )
    .option('--issuers <file>', 'the file of SEALTRACK_TICKET_ISSUERS')
    .addHelpText(
      'after',
      example(
        'sealtrack tickets inspect eyJhbGciOiJFUzI1NiIs…',
        'sealtrack tickets inspect - --issuers tickets/ticket-issuers.json --json < ticket.txt',
      ),
    )
    .action(wire(inspect));
}

async function inspect(
  context: Context,
  given: string,
  { issuers: file }: { readonly issuers?: string },
): Promise<void> {
  const ticket = given === '-' ? await readAll(context) : given;
  const { header, claims } = readTicket(ticket);
  const isExpired = typeof claims.exp === 'number' ? Date.now() / 1000 >= claims.exp : undefined;
  if (file !== undefined) await verify(ticket, claims, await readIssuers(resolve(context.io.cwd, file)));
  await context.out.result({ header, claims, isExpired, isVerified: file !== undefined }, () =>
    [
      table(
        ['CLAIM', ''],
        Object.entries(claims).map(([name, value]) => [name, showClaim(name, value)]),
      ),
      '',
      `Signed with ${header.alg}, kid ${printable(String(header.kid ?? '(none)'))}.`,
      isExpired === undefined
        ? 'It does not say when it expires.'
        : isExpired
          ? 'It has expired.'
          : 'It has not expired.',
      file === undefined
        ? 'Not verified: anybody could have written this. Give --issuers.'
        : 'Verified: its issuer has signed it, and a crypto server would take it.',
    ].join('\n'),
  );
}

/** For what it says that it is for, from where it says. */
async function verify(
  ticket: string,
  claims: UnverifiedTicket['claims'],
  issuers: TicketIssuers,
): Promise<void> {
  const { tenant, recording, media, addr } = claims;
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  // Whether these are ids at all is checked with all else that it says.
  await createTicketVerifier({ issuers: () => issuers, maxSeconds: MAX_TICKET_SECONDS }).verify(ticket, {
    tenantId: text(tenant) as TenantId,
    recordingId: text(recording) as RecordingId,
    mediaId: text(media) as MediaId,
    clientAddress: text(addr),
  });
}

async function readIssuers(path: string): Promise<TicketIssuers> {
  const file = await readSmallFile(path, MAX_ISSUERS_BYTES);
  try {
    return parseTicketIssuers(file);
  } catch (cause) {
    throw new AppError('INVALID_ARGUMENT', `${path} is no file of ticket issuers`, {
      fix: 'Give the file of SEALTRACK_TICKET_ISSUERS; --debug shows what is wrong with it.',
      cause,
    });
  }
}

async function readAll({ io }: Context): Promise<string> {
  let text = '';
  for await (const chunk of io.stdin) {
    text += Buffer.from(chunk).toString('latin1');
    if (text.length > MAX_INPUT) break;
  }
  return text.trim();
}

const TIMES: readonly string[] = ['iat', 'nbf', 'exp'];

function showClaim(name: string, value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const isTime = TIMES.includes(name) && Number.isSafeInteger(value) && Number(value) < 1e11;
  return isTime ? `${text} (${new Date(Number(value) * 1000).toISOString()})` : text;
}
