import { parseMediaId, parseRecordingId } from '@sealtrack/ids/parse';
import { keyNameOf } from '@sealtrack/tickets/key-name';
import { signTicket } from '@sealtrack/tickets/sign-ticket';
import { type Command, Option } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { parseAddress, parseDuration, parseIssuer, parseWebUrl } from '../parse-options.ts';
import { addPasswordOptions, type PasswordOptions } from '../password.ts';
import { readKeyInput } from '../tls/private-key-input.ts';

const DEFAULT_SECONDS = 600;

export function addTicketsCreate(group: Command, wire: Wire): void {
  addPasswordOptions(
    group
      .command('create')
      .description(
        'Make a playback ticket, as an application does for its users. Whoever has it may do what it says until it expires, so it ' +
          'is to be kept like a password.',
      )
      .requiredOption('--key <file>', 'the private key of the issuer')
      .requiredOption('--issuer <id>', 'what the issuer is called (iss)', parseIssuer)
      .requiredOption('--recording <id>', 'which recording')
      .option('--media <id>', 'which media file of it', 'main')
      .addOption(
        new Option('--action <action>', 'play as often as wanted, or export once')
          .choices(['play', 'export'])
          .default('play'),
      )
      .option('--user <name>', 'for whom, as audit records will have it (default: who runs this)')
      .addOption(
        new Option('--for <time>', 'how long, such as 10m, 90s or 1h')
          .argParser(parseDuration)
          .default(DEFAULT_SECONDS, '10m'),
      )
      .option('--address <ip>', 'the only IP address that it is good for (default: any)', parseAddress)
      .option('--kid <kid>', 'what the file of issuers calls the key (default: as create-issuer calls it)')
      .option('--playback-url <url>', 'where the playback gateway is: prints the whole address', parseWebUrl),
  )
    .addHelpText(
      'after',
      example(
        'sealtrack tickets create --key tickets/ticket-key-1f0c5b7e9d3a2468.pem --issuer crm.acme.example --tenant acme --recording rec-1',
        'sealtrack tickets create --key app.pem --issuer crm.acme.example --recording rec-1 --action export --user anna --for 2m --json',
        'sealtrack tickets create --key app.pem --issuer crm.acme.example --recording rec-1 --playback-url https://play.acme.example',
      ),
    )
    .action(wire(createTicket));
}

interface CreateTicketOptions extends PasswordOptions {
  readonly key: string;
  readonly issuer: string;
  readonly recording: string;
  readonly media: string;
  readonly action: 'play' | 'export';
  readonly user?: string;
  readonly for: number;
  readonly address?: string;
  readonly kid?: string;
  readonly playbackUrl?: string;
}

async function createTicket(context: Context, options: CreateTicketOptions): Promise<void> {
  const { issuer, action, address, playbackUrl } = options;
  const wanted = {
    ...{ issuer, action, user: options.user ?? context.io.env.USER ?? 'sealtrack' },
    tenantId: context.tenantId,
    recordingId: parseRecordingId(options.recording),
    mediaId: parseMediaId(options.media),
    clientAddress: address,
    lifetimeSeconds: options.for,
  };
  const { privateKey: key } = await readKeyInput(context, options.key, options);
  const kid = options.kid ?? keyNameOf(key);
  const { ticket, ticketId, expires } = await signTicket(wanted, { key, kid }, new Date());
  const { recordingId, mediaId, tenantId, user } = wanted;
  const url =
    playbackUrl === undefined
      ? undefined
      : `${playbackUrl.replace(/\/+$/, '')}/v1/recordings/${recordingId}/media/${mediaId}?ticket=${ticket}`;
  await context.out.result(
    {
      ...{ ticket, url, ticketId, issuer, kid, user, tenantId, recordingId, mediaId, action, address },
      expires,
    },
    () => url ?? ticket,
  );
}
