import type { Bus } from '@sealtrack/bus/bus';
import { connectBus } from '@sealtrack/bus/connect';
import { BackupServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/backup/v1/backup';
import { CertificateServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import { DecryptionServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import { IngestServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/ingest/v1/ingest';
import { ProfileServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { RecordingServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { SealServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/seal/v1/seal';
import type { TenantId } from '@sealtrack/ids/ids';
import { parseTenantId } from '@sealtrack/ids/parse';
import { connectRpc } from '@sealtrack/rpc/client';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { type Addresses, type AddressOptions, createAddresses } from './addresses.ts';
import type { Io } from './io.ts';
import { createOutput, type Output } from './output.ts';
import { createMeter, type Meter, withProgress } from './progress.ts';

export interface GlobalOptions extends AddressOptions {
  readonly tenant?: string;
  readonly json?: boolean;
}

/** What one run of one command works with. Connections are made when first asked for, and closed at its end. */
export interface Context extends AsyncDisposable {
  readonly tenantId: TenantId;
  readonly io: Io;
  readonly out: Output;
  readonly signal: AbortSignal;
  readonly addresses: Addresses;
  backup(): BackupClient;
  certificates(): CertificateClient;
  decryption(): DecryptionClient;
  ingest(): IngestClient;
  profiles(): ProfileClient;
  recordings(): RecordingClient;
  seal(): SealClient;
  bus(): Promise<Bus>;
  progress(
    source: AsyncIterable<Uint8Array>,
    label: string,
    total: number | undefined,
  ): AsyncIterable<Uint8Array>;
  /** Progress of work that is not one stream. */
  meter(label: string): Meter;
}

const connectors = {
  backup: (address: string) => connectRpc(BackupServiceDefinition, address, { transport: PLAINTEXT }),
  certificates: (address: string) =>
    connectRpc(CertificateServiceDefinition, address, { transport: PLAINTEXT }),
  decryption: (address: string) => connectRpc(DecryptionServiceDefinition, address, { transport: PLAINTEXT }),
  ingest: (address: string) => connectRpc(IngestServiceDefinition, address, { transport: PLAINTEXT }),
  profiles: (address: string) => connectRpc(ProfileServiceDefinition, address, { transport: PLAINTEXT }),
  recordings: (address: string) => connectRpc(RecordingServiceDefinition, address, { transport: PLAINTEXT }),
  seal: (address: string) => connectRpc(SealServiceDefinition, address, { transport: PLAINTEXT }),
};

export type BackupClient = ReturnType<typeof connectors.backup>;
export type CertificateClient = ReturnType<typeof connectors.certificates>;
export type DecryptionClient = ReturnType<typeof connectors.decryption>;
export type IngestClient = ReturnType<typeof connectors.ingest>;
export type ProfileClient = ReturnType<typeof connectors.profiles>;
export type RecordingClient = ReturnType<typeof connectors.recordings>;
export type SealClient = ReturnType<typeof connectors.seal>;

export const DEFAULT_TENANT = 'demo';

export function createContext(options: GlobalOptions, io: Io): Context {
  const addresses = createAddresses(options, io);
  const owned = new AsyncDisposableStack();
  return {
    tenantId: parseTenantId(options.tenant || io.env.SEALTRACK_TENANT || DEFAULT_TENANT),
    io,
    out: createOutput(io.stdout, options.json === true),
    signal: io.signal,
    addresses,
    backup: () => owned.use(connectors.backup(addresses.of('crypto'))),
    certificates: () => owned.use(connectors.certificates(addresses.of('crypto'))),
    decryption: () => owned.use(connectors.decryption(addresses.of('crypto'))),
    ingest: () => owned.use(connectors.ingest(addresses.of('ingest'))),
    profiles: () => owned.use(connectors.profiles(addresses.of('profiles'))),
    recordings: () => owned.use(connectors.recordings(addresses.of('recordings'))),
    seal: () => owned.use(connectors.seal(addresses.of('crypto'))),
    bus: async () =>
      owned.use(await connectBus({ transport: PLAINTEXT, url: addresses.of('nats'), name: 'sealtrack-cli' })),
    progress: (source, label, total) =>
      withProgress(source, { stderr: io.stderr, enabled: io.showsProgress, label, total }),
    meter: (label) => createMeter({ stderr: io.stderr, enabled: io.showsProgress, label }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
