import type { Bus } from '@sealtrack/bus/bus';
import { connectBus } from '@sealtrack/bus/connect';
import { CertificateServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import { DecryptionServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import { IngestServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/ingest/v1/ingest';
import { ProfileServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { RecordingServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { connectRpc, type RpcClient } from '@sealtrack/rpc/client';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import type { System } from '../system.ts';

/** The public doors of a system: all that the demo uses of it. */
export interface Doors extends AsyncDisposable {
  readonly certificates: RpcClient<CertificateServiceDefinition>;
  readonly decryption: RpcClient<DecryptionServiceDefinition>;
  readonly ingest: RpcClient<IngestServiceDefinition>;
  readonly profiles: RpcClient<ProfileServiceDefinition>;
  readonly recordings: RpcClient<RecordingServiceDefinition>;
  readonly bus: Bus;
}

export async function openDoors({
  addresses,
  natsUrl,
}: Pick<System, 'addresses' | 'natsUrl'>): Promise<Doors> {
  await using stack = new AsyncDisposableStack();
  const doors = {
    certificates: stack.use(
      connectRpc(CertificateServiceDefinition, addresses.crypto, { transport: PLAINTEXT }),
    ),
    decryption: stack.use(
      connectRpc(DecryptionServiceDefinition, addresses.crypto, { transport: PLAINTEXT }),
    ),
    ingest: stack.use(connectRpc(IngestServiceDefinition, addresses.ingest, { transport: PLAINTEXT })),
    profiles: stack.use(connectRpc(ProfileServiceDefinition, addresses.profiles, { transport: PLAINTEXT })),
    recordings: stack.use(
      connectRpc(RecordingServiceDefinition, addresses.recordings, { transport: PLAINTEXT }),
    ),
    bus: stack.use(await connectBus({ transport: PLAINTEXT, url: natsUrl, name: 'sealtrack-demo' })),
  };
  const owned = stack.move();
  return { ...doors, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
