import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bus } from '@sealtrack/bus/bus';
import { publishEvent } from '@sealtrack/bus/publish';
import { EVENT_KINDS } from '@sealtrack/contracts/event-kinds';
import { SUBJECTS } from '@sealtrack/contracts/subjects';

const EVERY_MS = 20;

export interface Sealed {
  readonly tenantId: string;
  readonly certificateId: string;
}

/**
 * Says of so many recordings a second that they were encrypted, as an encryptor does; the index answers each with an event of its own.
 * Resolves when the stream has all of them.
 * @param at where the times go, by performance.now(), in the order that the stream has them in.
 */
export async function publishEncrypted(
  bus: Bus,
  { perSecond, count, ...sealed }: Sealed & { readonly perSecond: number; readonly count: number },
  at: number[],
): Promise<void> {
  const stored: Promise<unknown>[] = [];
  const start = performance.now();
  while (at.length < count) {
    const due = Math.min(count, Math.ceil(((performance.now() - start) / 1_000) * perSecond));
    while (at.length < due) {
      at.push(performance.now());
      stored.push(sayEncrypted(bus, sealed));
    }
    await sleep(EVERY_MS);
  }
  await Promise.all(stored);
}

function sayEncrypted(bus: Bus, { tenantId, certificateId }: Sealed): Promise<unknown> {
  const recordingId = randomUUID();
  const now = new Date();
  return publishEvent(bus, {
    subject: SUBJECTS.event(tenantId, 'recording', 'encrypted'),
    kind: EVENT_KINDS.recordingEncrypted,
    ...{ id: `${tenantId}/${recordingId}/encrypted`, source: 'bench', time: now },
    data: EVENT_KINDS.recordingEncrypted.message.fromJSON({
      ...{ tenantId, recordingId, profileId: '101', mediaType: 'voice', attributes: { agent: '7' } },
      ...{ startedAt: now.toISOString(), encryptedAt: now.toISOString(), capturedAt: now.toISOString() },
      manifestKey: `${tenantId}/${recordingId}/manifest.json`,
      media: [
        {
          ...{ mediaId: 'main', contentType: 'audio/wav', suite: 'pkcs7', certificateIds: [certificateId] },
          ...{ plaintextSize: '480044', ciphertextSize: '480060' },
        },
      ],
    }),
  });
}
