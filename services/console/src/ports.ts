import type { PlaybackClient } from '@sealtrack/client/playback-client';
import type { CertificateServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import type { DecryptionServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import type { ProfileServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import type { RecordingServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import type { RpcClient } from '@sealtrack/rpc/client';
import type { OpenExport } from './open-export.ts';
import type { Person } from './person.ts';

/** What the console has seen of the services that it asks. */
export interface HealthView {
  /** Those that do not answer, and since when: for the problems that come of it. */
  down(): readonly { readonly service: string; readonly since: Date }[];
}

/** A session that goes on. */
export interface OpenSession {
  readonly person: Person;
  /** When it ends, whatever he does. */
  readonly endsAt: Date;
}

/** Calls of the other services, which fail with the AppErrors that those, or the way to them, failed with. */
type CallsOf<Client> = Omit<Client, typeof Symbol.asyncDispose>;
export type Certificates = CallsOf<RpcClient<CertificateServiceDefinition>>;
export type Profiles = CallsOf<RpcClient<ProfileServiceDefinition>>;
export type Recordings = CallsOf<RpcClient<RecordingServiceDefinition>>;
export type Decryption = Pick<RpcClient<DecryptionServiceDefinition>, 'getWaveform' | 'inspectMedia'>;
export type Playback = Pick<PlaybackClient, 'open' | 'describe'>;

export interface Services {
  readonly certificates: Certificates;
  readonly profiles: Profiles;
  readonly recordings: Recordings;
  readonly decryption: Decryption;
  readonly playback: Playback;
  readonly openExport: OpenExport;
}
