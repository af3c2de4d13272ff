import { randomUUID } from 'node:crypto';
import type {
  GetWaveformRequest,
  GetWaveformResponse,
} from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import { openClearWaveform } from '@sealtrack/envelope/clear-waveform';
import { boundTo, isClear } from '@sealtrack/envelope/manifest';
import { openWaveform } from '@sealtrack/envelope/sealed-waveform';
import type { Waveform } from '@sealtrack/envelope/waveform';
import { AppError, hasCode } from '@sealtrack/errors/app-error';
import { parseMediaId, parseRecordingId, parseTenantId } from '@sealtrack/ids/parse';
import type { AuthorisePlayback } from './authorise-playback.ts';
import { type CallerContext, callerText } from './caller-context.ts';
import type { Failures } from './failures.ts';
import type { MediaLease } from './media-session.ts';
import type { MediaSessions } from './media-sessions.ts';
import type { Outcomes } from './outcomes.ts';
import { parsePurpose } from './parse-purpose.ts';
import type { AuditTrail } from './ports.ts';
import { whenOnRecord } from './when-on-record.ts';
import { withinTime } from './within-time.ts';

export interface GetWaveformDeps {
  readonly authorise: AuthorisePlayback;
  readonly sessions: Pick<MediaSessions, 'open'>;
  readonly audit: Pick<AuditTrail, 'decryptRequested'>;
  readonly outcomes: Pick<Outcomes, 'begin'>;
  readonly failures: Failures;
  /** In milliseconds. */
  readonly openMs: number;
}

/**
 * DecryptionService.GetWaveform. What lets one hear a recording lets one see how loud it is, and nothing else does; it is put on record
 * likewise before it leaves. It is one access of the session that playing goes on with, so that both together take one RSA operation.
 */
export function createGetWaveform(deps: GetWaveformDeps) {
  const { authorise, sessions, audit, outcomes, failures, openMs } = deps;
  return async (request: GetWaveformRequest, caller: CallerContext): Promise<GetWaveformResponse> => {
    using time = withinTime(caller.signal, openMs);
    const wanted = {
      tenantId: parseTenantId(request.tenantId),
      recordingId: parseRecordingId(request.recordingId),
      mediaId: parseMediaId(request.mediaId),
      purpose: parsePurpose(request.purpose),
      caller: { ...caller, signal: time.signal },
      ...NO_TICKET,
    };
    // To whoever holds the key it is playing.
    const { action, onBehalfOf } = await authorise(wanted);
    const accessId = randomUUID();
    using lease = await sessions.open({ ...wanted, action, onBehalfOf, accessId });
    const { certificateId } = lease;
    const kept = lease.found.media.waveform;
    if (kept === undefined) throw notFound(wanted.recordingId, wanted.mediaId);
    failures.check({ caller, onBehalfOf }, certificateId);
    const { tenantId, recordingId, mediaId, purpose } = wanted;
    const ids = { tenantId, recordingId, mediaId, certificateId, accessId, caller: callerText(caller) };
    using outcome = outcomes.begin(ids, caller);
    try {
      const record = { ...ids, ...NO_BYTES, purpose, action: 'waveform', ...onBehalfOf, clientAddress: '' };
      const onRecord = audit.decryptRequested(record, caller.traceparent);
      const waveform = await whenOnRecord(onRecord, open(lease, kept), time);
      const { durationMs, channels } = waveform;
      const peaks = Buffer.from(waveform.peaks);
      outcome.handingOut(peaks.length);
      outcome.complete();
      return { durationMs: BigInt(durationMs), channels, peaks };
    } catch (error) {
      outcome.failed(error);
      failures.note({ caller, onBehalfOf }, certificateId, error);
      // The recording may have been put there anew.
      if (hasCode(error, 'DECRYPTION_FAILED')) lease.giveUp();
      throw error;
    }
  };
}

const NO_TICKET = { ticket: '', clientAddress: '' };
/** None of the media's own. */
const NO_BYTES = { offset: 0n, length: 0n };

async function open({ found, key }: MediaLease, kept: Buffer): Promise<Waveform> {
  const { media, ...recording } = found;
  if (isClear(media)) return openClearWaveform(kept);
  return openWaveform({ ...media, boundTo: boundTo(recording, media) }, kept, await key());
}

const notFound = (recordingId: string, mediaId: string) =>
  new AppError('WAVEFORM_NOT_FOUND', `Media "${mediaId}" of recording ${recordingId} has no waveform`, {
    fix: 'Play it without one. Waveforms are drawn of WAV files (PCM, float, A-law, µ-law) as they are encrypted: send recordings as such, and update the encryptors if these are older.',
    details: { recording_id: recordingId, media_id: mediaId },
  });
