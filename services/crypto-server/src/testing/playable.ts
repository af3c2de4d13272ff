import { parseCertificate } from '@sealtrack/certificates/certificate';
import { createSelfSigned } from '@sealtrack/certificates/self-signed';
import type {
  DecryptMediaRequest,
  DecryptMediaResponse,
} from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import type {
  MediaDecryptEnded,
  MediaDecryptRequested,
  MediaExportRequested,
} from '@sealtrack/contracts/gen/sealtrack/events/v1/audit';
import { createClearKeeper } from '@sealtrack/envelope/clear-media';
import { decryptKeyHere } from '@sealtrack/envelope/decrypt-key';
import { serializeManifest } from '@sealtrack/envelope/manifest';
import { recipientFromCertificate } from '@sealtrack/envelope/recipient';
import { createMediaSealer } from '@sealtrack/envelope/seal-media';
import type { SuiteName } from '@sealtrack/envelope/suites';
import { unwrapDek } from '@sealtrack/envelope/unwrap';
import type { Waveform } from '@sealtrack/envelope/waveform';
import { parseMediaId, parseProfileId, parseRecordingId, parseTenantId } from '@sealtrack/ids/parse';
import { openFsStore } from '@sealtrack/media-store/fs-store';
import type { ReadOptions } from '@sealtrack/media-store/media-store';
import { once } from '@sealtrack/media-store/read-all';
import { noMetrics } from '@sealtrack/service-kit/metrics';
import { noteLines } from '@sealtrack/service-kit/testing/note-lines';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll, vi } from 'vitest';
import { createStoredCiphertexts } from '../adapters/stored-ciphertexts.ts';
import type { AuthorisePlayback } from '../authorise-playback.ts';
import type { CallerContext } from '../caller-context.ts';
import { createDecryptMedia } from '../decrypt-media.ts';
import { createExportPkcs7 } from '../export-pkcs7.ts';
import { createFailures } from '../failures.ts';
import { createFindMedia } from '../find-media.ts';
import { createGetWaveform } from '../get-waveform.ts';
import { createInspectMedia } from '../inspect-media.ts';
import type { FindMediaKey } from '../key-use.ts';
import { createMediaSessions, type MediaSessionsOptions } from '../media-sessions.ts';
import { createOutcomes } from '../outcomes.ts';
import type { AuditTrail } from '../ports.ts';

const { certificatePem, privateKey } = await createSelfSigned({ commonName: 'Test' });
export const certificate = parseCertificate(certificatePem);
export const plain = Buffer.from(Uint8Array.from({ length: 600_000 }, (_, i) => i % 251));
export const tenantId = parseTenantId('demo');
const mediaId = parseMediaId('main');

export const callerOf = (more: Partial<CallerContext> = {}): CallerContext => ({
  ...{ signal: new AbortController().signal, peer: 'test', names: [], via: [], traceparent: '' },
  ...more,
});

interface PlayerOptions extends Partial<MediaSessionsOptions> {
  readonly openMs?: number;
  /** The suite that the index has. */
  readonly indexed?: string;
  /** Instead of notes. */
  readonly trail?: Partial<AuditTrail>;
  /** Accesses that are under way, or not on record. */
  readonly maxOpen?: number;
}

/** Recordings in a store of this test file's own, and what plays them. */
export async function playback() {
  const folder = await temporaryFolder();
  afterAll(() => folder.remove());
  const files = await openFsStore(folder.path);
  let count = 0;

  /** A recording in the store. */
  async function record(
    suite: SuiteName | 'clear' = 'pkcs7',
    content: Buffer = plain,
    drawn: Waveform | undefined = undefined,
  ) {
    const recordingId = parseRecordingId(`call-${++count}`);
    const contentType = 'audio/wav';
    const boundTo = [tenantId, recordingId, mediaId, contentType];
    const recipients = [recipientFromCertificate(certificate)];
    const certificateIds = suite === 'clear' ? [] : [certificate.certificateId];
    const details = { mediaId, contentType, ciphertext: 'main.enc', certificateIds };
    const key = `${recordingId}/main.enc`;
    const waveform = () => drawn;
    const seal = async () => {
      if (suite !== 'clear') {
        const sealer = createMediaSealer({ suite, recipients, boundTo, waveform });
        await files.create(key, sealer.seal(once(content)));
        return { ...details, ...sealer.finish() };
      }
      const keeper = createClearKeeper({ waveform });
      await files.create(key, keeper.keep(once(content)));
      return { ...details, ...keeper.finish() };
    };
    const manifest = serializeManifest({
      ...{ format: 'sealtrack.recording.v1', tenantId, recordingId, profileId: parseProfileId('101') },
      ...{ startedAt: '2026-03-01T12:00:00Z', encryptedAt: '2026-03-01T12:01:00Z', attributes: {} },
      fingerprint: '0'.repeat(64),
      ...(suite === 'clear' ? { inClear: { policy: 'off', reason: 'policy-off' } } : {}),
      media: [await seal()],
    });
    await files.create(`${recordingId}/recording.json`, once(manifest));
    return { recordingId, path: `${folder.path}/${recordingId}/main.enc`, manifest };
  }

  /** What plays them, with a note of all that it asks for. */
  function player(options: PlayerOptions = {}) {
    const { openMs = 60_000, indexed = 'clear', trail = {}, maxOpen = 100, ...sessionOptions } = options;
    const find = vi.fn(async (_tenant: string, recordingId: string, _signal: AbortSignal) => ({
      manifestKey: `${recordingId}/recording.json`,
      suites: new Map([[mediaId, indexed]]),
    }));
    const now = { ms: 0 };
    const reads: string[] = [];
    const stored = createStoredCiphertexts(files);
    const store = {
      ...stored,
      read(key: string, options?: ReadOptions) {
        reads.push(key);
        return stored.read(key, options);
      },
    };
    const deks: Buffer[] = [];
    const decryptKey = vi.fn(decryptKeyHere);
    const findKey: FindMediaKey = async (_use, envelope, asked) => ({
      certificateId: asked[0] as typeof certificate.certificateId,
      async dek() {
        const dek = await unwrapDek(envelope, { certificate, privateKey }, decryptKey);
        deks.push(dek);
        return dek;
      },
    });
    const requested: MediaDecryptRequested[] = [];
    const exported: MediaExportRequested[] = [];
    const ended: MediaDecryptEnded[] = [];
    const audit = {
      async decryptRequested(record: MediaDecryptRequested): Promise<void> {
        requested.push(record);
      },
      async exportRequested(record: MediaExportRequested): Promise<void> {
        exported.push(record);
      },
      async decryptEnded(record: MediaDecryptEnded): Promise<void> {
        ended.push(record);
      },
      ...trail,
    };
    const authorise = vi.fn<AuthorisePlayback>(async ({ ticket }) => ({
      action: 'play',
      onBehalfOf: { user: ticket === '' ? '' : 'anna', ticketId: ticket },
      useOnce: async () => {},
    }));
    const findMedia = options.findMedia ?? createFindMedia({ find }, store);
    const sessions = createMediaSessions({
      ...{ findMedia, findKey, maxSessions: 10, maxAgeMs: 60_000 },
      ...sessionOptions,
    });
    const { log, lines } = noteLines();
    const failures = createFailures({ perMinute: 30, now: () => now.ms, metrics: noMetrics, log });
    const parts = {
      audit,
      outcomes: createOutcomes({ audit, log: noteLines().log, maxOpen }),
      failures,
      store,
      openMs,
    };
    // Found when they are called, so that a test may put another in their place.
    const portOf = () => ({ ...parts, audit: { ...audit } });
    const play = (recordingId: string, request: Partial<DecryptMediaRequest> = {}, caller = callerOf()) =>
      createDecryptMedia({ ...portOf(), authorise, findMedia, sessions })(
        {
          ...{ tenantId, recordingId, mediaId, purpose: 'a test', ticket: '', clientAddress: '' },
          headerOnly: false,
          range: undefined,
          ...request,
        },
        caller,
      );
    const waveformOf = (recordingId: string, caller = callerOf()) =>
      createGetWaveform({ ...portOf(), authorise, sessions })(
        { tenantId, recordingId, mediaId, purpose: 'to see' },
        caller,
      );
    const inspectionOf = (recordingId: string) =>
      createInspectMedia({ findMedia })({ tenantId, recordingId, mediaId }, callerOf());
    const exportOf = (recordingId: string, caller = callerOf()) =>
      createExportPkcs7({ ...portOf(), findMedia })({ tenantId, recordingId, mediaId, purpose: '' }, caller);
    return {
      play,
      exportOf,
      waveformOf,
      inspectionOf,
      findMedia,
      sessions,
      audit,
      requested,
      exported,
      ended,
      reads,
      find,
      decryptKey,
      deks,
      authorise,
      now,
      lines,
    };
  }

  return { record, player, files };
}

/** What comes of a range, all parts by their kind and all bytes. */
export async function taken(stream: AsyncIterable<DecryptMediaResponse>) {
  const chunks: Buffer[] = [];
  const kinds: string[] = [];
  let error: unknown;
  try {
    for await (const { part } of stream) {
      kinds.push(part?.$case ?? '');
      if (part?.$case === 'chunk') chunks.push(part.value);
    }
  } catch (cause) {
    error = cause;
  }
  return { bytes: Buffer.concat(chunks), kinds, error };
}

export const rangeOf = (offset: number, length: number) => ({
  range: { offset: BigInt(offset), length: BigInt(length) },
});
