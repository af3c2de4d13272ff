import type { PlaybackClient } from '@sealtrack/client/playback-client';
import type { CertificateServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import type { DecryptionServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import type { ProfileServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import type { RecordingServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import type { RpcClient } from '@sealtrack/rpc/client';

/** The other services, each failing with the AppErrors that it, or the way to it, failed with. */
export type Certificates = Omit<RpcClient<CertificateServiceDefinition>, typeof Symbol.asyncDispose>;
export type Decryption = Omit<RpcClient<DecryptionServiceDefinition>, typeof Symbol.asyncDispose>;
export type Profiles = Omit<RpcClient<ProfileServiceDefinition>, typeof Symbol.asyncDispose>;
export type Recordings = Omit<RpcClient<RecordingServiceDefinition>, typeof Symbol.asyncDispose>;
export type Playback = Pick<PlaybackClient, 'open' | 'describe'>;
