import { createPlaybackClient } from '@sealtrack/client/create-playback-client';
import { CertificateServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import { DecryptionServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import { ProfileServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { RecordingServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { connectRpc } from '@sealtrack/rpc/client';
import type { Log } from '@sealtrack/service-kit/logger';
import type { Transport } from '@sealtrack/tls/tls';
import { openExport } from '../open-export.ts';
import type { Services } from '../ports.ts';
import { createFirstThatAnswers } from './first-that-answers.ts';

export interface ServiceAddresses {
  readonly profilesAddress: string;
  readonly metadataAddress: string;
  readonly cryptoAddresses: readonly string[];
}

/** A browser that has enough takes nothing more for a while: what waits here for each is kept small. */
const WINDOW_BYTES = 256 * 1024;

/** The services, of the crypto servers whichever answers. They are connected to at the first call. */
export function connectServices(
  { profilesAddress, metadataAddress, cryptoAddresses }: ServiceAddresses,
  { transport, log }: { readonly transport: Transport; readonly log: Log },
): Services & AsyncDisposable {
  const stack = new AsyncDisposableStack();
  const use = { transport, windowBytes: WINDOW_BYTES };
  const profiles = stack.use(connectRpc(ProfileServiceDefinition, profilesAddress, use));
  const recordings = stack.use(connectRpc(RecordingServiceDefinition, metadataAddress, use));
  const playback = stack.use(createPlaybackClient({ servers: cryptoAddresses, ...use, log }));
  const askKeeper = createFirstThatAnswers(
    cryptoAddresses.map((address) => stack.use(connectRpc(CertificateServiceDefinition, address, use))),
  );
  const askDecryptor = createFirstThatAnswers(
    cryptoAddresses.map((address) => stack.use(connectRpc(DecryptionServiceDefinition, address, use))),
  );
  return {
    ...{ profiles, recordings, playback },
    // Each of these changes may be made twice, and is one change.
    certificates: {
      importCertificate: (request, call) => askKeeper((client) => client.importCertificate(request, call)),
      getCertificate: (request, call) => askKeeper((client) => client.getCertificate(request, call)),
      listCertificates: (request, call) => askKeeper((client) => client.listCertificates(request, call)),
      deleteCertificate: (request, call) => askKeeper((client) => client.deleteCertificate(request, call)),
      approveDeletion: (request, call) => askKeeper((client) => client.approveDeletion(request, call)),
      restoreCertificate: (request, call) => askKeeper((client) => client.restoreCertificate(request, call)),
    },
    decryption: {
      getWaveform: (request, call) => askDecryptor((client) => client.getWaveform(request, call)),
      inspectMedia: (request, call) => askDecryptor((client) => client.inspectMedia(request, call)),
    },
    openExport: (request, call) => askDecryptor((client) => openExport(client, request, call)),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
