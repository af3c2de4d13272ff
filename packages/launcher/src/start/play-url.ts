import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parseMediaId, parseRecordingId, parseTenantId } from '@sealtrack/ids/parse';
import { keyNameOf } from '@sealtrack/tickets/key-name';
import { type NewTicket, signTicket } from '@sealtrack/tickets/sign-ticket';
import type { System } from '../system.ts';

export interface WantedPlay {
  readonly tenantId: string;
  readonly recordingId: string;
  /** "main" when left out. */
  readonly mediaId?: string;
  readonly action?: NewTicket['action'];
  /** Ten minutes unless told. */
  readonly lifetimeSeconds?: number;
  readonly clientAddress?: string;
  /** When the ticket is made; now unless told. */
  readonly now?: Date;
}

const TEN_MINUTES = 600;

/** An address that plays in a browser, with a ticket of the system's own issuer in it. */
export async function playUrl(
  { playbackUrl, ticketIssuer: { keyFile, issuer } }: Pick<System, 'playbackUrl' | 'ticketIssuer'>,
  { tenantId, recordingId, mediaId = 'main', action = 'play', ...wanted }: WantedPlay,
): Promise<string> {
  const pem = await readFile(keyFile);
  const key = createPrivateKey(pem);
  pem.fill(0);
  const { ticket } = await signTicket(
    {
      ...{ issuer, user: 'somebody at this machine', action, clientAddress: wanted.clientAddress },
      tenantId: parseTenantId(tenantId),
      recordingId: parseRecordingId(recordingId),
      mediaId: parseMediaId(mediaId),
      lifetimeSeconds: wanted.lifetimeSeconds ?? TEN_MINUTES,
    },
    { key, kid: keyNameOf(key) },
    wanted.now ?? new Date(),
  );
  return `${playbackUrl}/v1/recordings/${recordingId}/media/${mediaId}?ticket=${ticket}`;
}
