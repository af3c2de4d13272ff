import type { Bus } from '@sealtrack/bus/bus';
import { connectBus } from '@sealtrack/bus/connect';
import { CertificateServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import { DecryptionServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import { IngestServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/ingest/v1/ingest';
import { ProfileServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { RecordingServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { connectRpc, type RpcClient } from '@sealtrack/rpc/client';
import type { System } from '../system.ts';

/** The public doors of a system, each as the party whose it is: all that the demo uses of it. */
export interface Doors extends AsyncDisposable {
  readonly certificates: RpcClient<CertificateServiceDefinition>;
  readonly decryption: RpcClient<DecryptionServiceDefinition>;
  readonly ingest: RpcClient<IngestServiceDefinition>;
  readonly profiles: RpcClient<ProfileServiceDefinition>;
  readonly recordings: RpcClient<RecordingServiceDefinition>;
  /** As the administrator, who follows all events. */
  readonly bus: Bus;
  /** As the auditor, who reads what is on record. */
  readonly audit: Bus;
  /** As a pipeline, which hands over captures. */
  readonly captures: Bus;
}

export async function openDoors({
  addresses,
  natsUrl: url,
  connections,
}: Pick<System, 'addresses' | 'natsUrl' | 'connections'>): Promise<Doors> {
  const transport = await connections.transportOf('administrator');
  const asPipeline = await connections.transportOf('pipeline');
  const asAuditor = await connections.transportOf('auditor');
  const asPlayer = await connections.transportOf('player');
  await using stack = new AsyncDisposableStack();
  const doors = {
    certificates: stack.use(connectRpc(CertificateServiceDefinition, addresses.crypto, { transport })),
    decryption: stack.use(connectRpc(DecryptionServiceDefinition, addresses.crypto, { transport: asPlayer })),
    ingest: stack.use(connectRpc(IngestServiceDefinition, addresses.ingest, { transport: asPipeline })),
    profiles: stack.use(connectRpc(ProfileServiceDefinition, addresses.profiles, { transport })),
    recordings: stack.use(connectRpc(RecordingServiceDefinition, addresses.recordings, { transport })),
    bus: stack.use(await connectBus({ transport, url, name: 'sealtrack-demo' })),
    audit: stack.use(await connectBus({ transport: asAuditor, url, name: 'sealtrack-demo-auditor' })),
    captures: stack.use(await connectBus({ transport: asPipeline, url, name: 'sealtrack-demo-pipeline' })),
  };
  const owned = stack.move();
  return { ...doors, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
