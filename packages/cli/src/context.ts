import type { Bus } from '@sealtrack/bus/bus';
import { connectBus } from '@sealtrack/bus/connect';
import { createPlaybackClient } from '@sealtrack/client/create-playback-client';
import type { PlaybackClient } from '@sealtrack/client/playback-client';
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
import type { Transport } from '@sealtrack/tls/tls';
import { type Addresses, type AddressOptions, createAddresses, type Target } from './addresses.ts';
import { type ConnectionOptions, type Connections, createConnections } from './connections.ts';
import type { CliParty } from './current-system.ts';
import type { Io } from './io.ts';
import { note as writeNote } from './note.ts';
import { createOutput, type Output } from './output.ts';
import { createMeter, type Meter, withProgress } from './progress.ts';

export interface GlobalOptions extends AddressOptions, ConnectionOptions {
  readonly tenant?: string;
  readonly json?: boolean;
}

/** What one run of one command works with. Connections are made when first asked for, and closed at its end. */
export interface Context extends AsyncDisposable {
  readonly tenantId: TenantId;
  /** The one that was named, by option or environment: for what is about all tenants unless one is named. */
  readonly tenant: string | undefined;
  readonly io: Io;
  readonly out: Output;
  readonly signal: AbortSignal;
  readonly addresses: Addresses;
  readonly connections: Connections;
  backup(): Promise<BackupClient>;
  certificates(): Promise<CertificateClient>;
  decryption(): Promise<DecryptionClient>;
  ingest(): Promise<IngestClient>;
  playback(): Promise<PlaybackClient>;
  profiles(): Promise<ProfileClient>;
  recordings(party?: CliParty): Promise<RecordingClient>;
  seal(): Promise<SealClient>;
  bus(party?: CliParty): Promise<Bus>;
  progress(
    source: AsyncIterable<Uint8Array>,
    label: string,
    total: number | undefined,
  ): AsyncIterable<Uint8Array>;
  /** Progress of work that is not one stream. */
  meter(label: string): Meter;
}

const connectors = {
  backup: (address: string, transport: Transport) =>
    connectRpc(BackupServiceDefinition, address, { transport }),
  certificates: (address: string, transport: Transport) =>
    connectRpc(CertificateServiceDefinition, address, { transport }),
  decryption: (address: string, transport: Transport) =>
    connectRpc(DecryptionServiceDefinition, address, { transport }),
  ingest: (address: string, transport: Transport) =>
    connectRpc(IngestServiceDefinition, address, { transport }),
  profiles: (address: string, transport: Transport) =>
    connectRpc(ProfileServiceDefinition, address, { transport }),
  // What cannot be reached is told at once; what breaks in the middle is gone on with.
  playback: (address: string, transport: Transport) =>
    createPlaybackClient({ servers: [address], transport, retryMs: 0 }),
  recordings: (address: string, transport: Transport) =>
    connectRpc(RecordingServiceDefinition, address, { transport }),
  seal: (address: string, transport: Transport) => connectRpc(SealServiceDefinition, address, { transport }),
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
  const out = createOutput(io.stdout, options.json === true);
  const say = (text: string): void => void writeNote({ io, out }, text);
  const owned = new AsyncDisposableStack();
  const connections = owned.use(createConnections(options, { env: io.env, addresses, say }));
  const connect = async <Client extends AsyncDisposable>(
    target: Target,
    connector: (address: string, transport: Transport) => Client | Promise<Client>,
    party?: CliParty,
  ): Promise<Client> => owned.use(await connector(addresses.of(target), await connections.to(target, party)));
  return {
    tenantId: parseTenantId(options.tenant || io.env.SEALTRACK_TENANT || DEFAULT_TENANT),
    tenant: options.tenant || io.env.SEALTRACK_TENANT || undefined,
    io,
    out,
    signal: io.signal,
    addresses,
    connections,
    backup: () => connect('crypto', connectors.backup, 'operator'),
    certificates: () => connect('crypto', connectors.certificates),
    decryption: () => connect('crypto', connectors.decryption, 'player'),
    ingest: () => connect('ingest', connectors.ingest, 'pipeline'),
    playback: () => connect('crypto', connectors.playback, 'player'),
    profiles: () => connect('profiles', connectors.profiles),
    recordings: (party) => connect('recordings', connectors.recordings, party),
    seal: () => connect('crypto', connectors.seal, 'operator'),
    bus: (party) =>
      connect('nats', (url, transport) => connectBus({ transport, url, name: 'sealtrack-cli' }), party),
    progress: (source, label, total) =>
      withProgress(source, { stderr: io.stderr, enabled: io.showsProgress, label, total }),
    meter: (label) => createMeter({ stderr: io.stderr, enabled: io.showsProgress, label }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
