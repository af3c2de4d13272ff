import {
  DecryptionServiceDefinition,
  type DecryptMediaRequest,
  type GetWaveformResponse,
} from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import {
  IngestServiceDefinition,
  type RecordingHeader,
  type RecordingReceipt,
} from '@sealtrack/contracts/gen/sealtrack/ingest/v1/ingest';
import type { IvrProfile } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import type { Recording } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { describeManifest } from '@sealtrack/envelope/describe-manifest';
import { parseManifest } from '@sealtrack/envelope/manifest';
import { AppError } from '@sealtrack/errors/app-error';
import { implement, startRpcServer } from '@sealtrack/rpc/server';
import { OPEN_TO_ALL } from '@sealtrack/rpc/testing/open-to-all';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { createStubBackup, type StubBackup, stubBackupService } from './stub-backup.ts';
import {
  createStubCertificates,
  type StubCertificates,
  stubCertificateService,
} from './stub-certificates.ts';
import { createStubProfiles, profileOf, type StubProfiles, stubProfileService } from './stub-ivr-profiles.ts';
import { createStubRecordings, type StubRecordings, stubRecordingService } from './stub-recordings.ts';
import { createStubSeal, type StubSeal, stubSealService } from './stub-seal.ts';

/** Services as small as they can be, on a real gRPC server: they keep what they were given. */
export interface StubServices extends AsyncDisposable {
  readonly env: Record<string, string>;
  readonly certificates: StubCertificates;
  readonly seal: StubSeal;
  readonly backup: StubBackup;
  readonly profiles: Map<string, IvrProfile>;
  readonly profileState: StubProfiles;
  readonly put: { readonly header: RecordingHeader; readonly content: Buffer }[];
  readonly recordings: Recording[];
  readonly recordingState: StubRecordings;
  readonly decrypted: DecryptMediaRequest[];
  /** What DecryptMedia and ExportPkcs7 answer with. */
  media: Buffer;
  /** What ExportPkcs7 says of it. */
  manifest: Buffer;
  /** What GetWaveform answers with. */
  waveform: GetWaveformResponse | undefined;
  /** Fail after this many bytes. */
  failAfter: number | undefined;
  /** The services run, and what they look things up in does not answer. */
  storesAway: boolean;
  /** What PutRecording says besides. */
  receipt: Partial<RecordingReceipt>;
}

const CHUNK = 100_000;
const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

const damaged = (): AppError =>
  new AppError('DECRYPTION_FAILED', 'The media does not match its envelope and tags', { fix: 'Restore it.' });
const away = (): AppError =>
  new AppError('INDEX_UNAVAILABLE', 'The index cannot be reached', { fix: 'Check Redis.' });
const noWaveform = (id: string): AppError =>
  new AppError('WAVEFORM_NOT_FOUND', `${id} has no waveform`, { fix: 'Play it without one.' });

export async function startStubServices(): Promise<StubServices> {
  const certificates = createStubCertificates();
  const seal = createStubSeal();
  const backup = createStubBackup();
  const profileState = createStubProfiles(certificates);
  const { profiles } = profileState;
  const put: { header: RecordingHeader; content: Buffer }[] = [];
  const recordingState = createStubRecordings();
  const { recordings } = recordingState;
  const decrypted: DecryptMediaRequest[] = [];
  const failAfter = undefined as number | undefined;
  const media = Buffer.from('the recording');
  const waveform = undefined as GetWaveformResponse | undefined;
  const receipt: Partial<RecordingReceipt> = {};
  const state = {
    ...{ media, manifest: Buffer.from('{}'), failAfter, receipt, waveform },
    storesAway: false,
  };
  async function* chunks(bytes: Buffer) {
    for (let at = 0; at < bytes.length; at += CHUNK) {
      if (state.failAfter !== undefined && at >= state.failAfter) throw damaged();
      yield { part: { $case: 'chunk' as const, value: bytes.subarray(at, at + CHUNK) } };
    }
  }

  const server = await startRpcServer({
    access: OPEN_TO_ALL,
    transport: PLAINTEXT,
    listen: '127.0.0.1:0',
    log: SILENT,
    services: [
      stubCertificateService(certificates),
      stubSealService(seal),
      stubBackupService(backup),
      stubProfileService(profileState),
      implement(IngestServiceDefinition, {
        putRecording: async (requests) => {
          let header: RecordingHeader | undefined;
          const parts: Buffer[] = [];
          for await (const { part } of requests)
            if (part?.$case === 'header') header = part.value;
            else if (part?.$case === 'chunk') parts.push(part.value);
          if (header === undefined) throw damaged();
          profileOf(profileState, header.profileId);
          const content = Buffer.concat(parts);
          put.push({ header, content });
          const { recordingId, mediaId } = header;
          const duplicate = put.filter((each) => each.header.recordingId === recordingId).length > 1;
          const size = BigInt(content.length);
          return { receipt: { recordingId, mediaId, plaintextSize: size, duplicate, ...state.receipt } };
        },
      }),
      stubRecordingService(
        recordingState,
        (id) => certificates.neededBy.get(id) ?? 0n,
        () => {
          if (state.storesAway) throw away();
        },
      ),
      implement(DecryptionServiceDefinition, {
        decryptMedia: async function* (request) {
          decrypted.push(request);
          const offset = Number(request.range?.offset ?? 0n);
          const end = request.range?.length ? offset + Number(request.range.length) : state.media.length;
          const bytes = state.media.subarray(offset, end);
          const range = { offset: BigInt(offset), length: BigInt(bytes.length) };
          const size = BigInt(state.media.length);
          yield { part: { $case: 'header', value: { contentType: 'audio/wav', size, range } } };
          yield* chunks(bytes);
        },
        unwrapKeys: async () => ({}),
        unwrapKey: async () => ({}),
        exportPkcs7: async function* () {
          const size = BigInt(state.media.length);
          yield { part: { $case: 'header', value: { size, manifest: state.manifest } } };
          yield* chunks(state.media);
        },
        getWaveform: async ({ recordingId }) => {
          if (state.waveform === undefined) throw noWaveform(recordingId);
          return state.waveform;
        },
        inspectMedia: async ({ mediaId }) => {
          const manifest = parseManifest(state.manifest);
          const media = manifest.media.filter((each) => each.mediaId === mediaId);
          return { document: JSON.stringify(describeManifest(manifest, { name: 'recording.json' }, media)) };
        },
      }),
    ],
  });
  const addresses = Object.fromEntries(
    ['INGEST', 'RECORDINGS', 'CRYPTO', 'PROFILES'].map((name) => [
      `SEALTRACK_${name}_ADDRESS`,
      server.address,
    ]),
  );
  const env = { ...addresses, SEALTRACK_TLS: 'off' };
  return Object.assign(state, {
    ...{ env, certificates, seal, backup, profiles, profileState, put, recordings },
    ...{ recordingState, decrypted },
    [Symbol.asyncDispose]: () => server.close(),
  });
}
