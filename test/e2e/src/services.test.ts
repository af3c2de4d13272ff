/** Each service as an operator meets it: is it well, what does it offer, and does it stop in good order? */
import { createHash, randomBytes } from 'node:crypto';
import { decryptMedia } from '@sealtrack/cli/recordings/decrypt-media';
import { putRecording } from '@sealtrack/cli/recordings/put-recording';
import type { ServiceName } from '@sealtrack/launcher/system';
import { checkHealth } from '@sealtrack/rpc/health';
import { describe, expect, test } from 'vitest';
import { capture, get, header, put, stored } from './testing/media.ts';
import { bufCurl } from './testing/programs.ts';
import { createTenant } from './testing/tenant.ts';
import { systemForThisFile } from './testing/test-system.ts';
import { until } from './testing/until.ts';

const { system, doors, exits } = await systemForThisFile();
const transport = await system.connections.transportOf('administrator');
await createTenant(doors);
const signal = new AbortController().signal;

const OFFERED: [ServiceName, string[]][] = [
  ['media-encryptor', ['ingest.v1.IngestService/PutRecording']],
  [
    'metadata-processor',
    [
      ...['CountRecordings', 'CountRecordingsOfEach', 'GetRecording', 'ListRecordings'],
      ...['ListFailedCaptures', 'GetTimeline', 'ListAccesses'],
    ].map((method) => `recordings.v1.RecordingService/${method}`),
  ],
  [
    'crypto-server',
    [
      'certificates.v1.CertificateService/ImportCertificate',
      'certificates.v1.CertificateService/GetCertificate',
      'certificates.v1.CertificateService/ListCertificates',
      'certificates.v1.CertificateService/DeleteCertificate',
      'certificates.v1.CertificateService/ApproveDeletion',
      'certificates.v1.CertificateService/RestoreCertificate',
      'decryption.v1.DecryptionService/DecryptMedia',
      'decryption.v1.DecryptionService/ExportPkcs7',
      'decryption.v1.DecryptionService/UnwrapKeys',
      'decryption.v1.DecryptionService/UnwrapKey',
      'decryption.v1.DecryptionService/GetWaveform',
      'decryption.v1.DecryptionService/InspectMedia',
      'holding.v1.HoldingService/EnsureHoldingKey',
      'holding.v1.HoldingService/RewrapHeldMedia',
      'seal.v1.SealService/GetSealStatus',
      'seal.v1.SealService/InitializeSeal',
      'seal.v1.SealService/RenewShares',
      'seal.v1.SealService/Unseal',
      'seal.v1.SealService/RotateSeal',
      'seal.v1.SealService/RotateRoot',
      'backup.v1.BackupService/BackUpKeys',
      'backup.v1.BackupService/VerifyBackup',
      'backup.v1.BackupService/RestoreKeys',
    ],
  ],
  [
    'profile-config',
    [
      ...[
        'CreateProfile',
        'UpdateProfile',
        'DeleteProfile',
        'AssignCertificates',
        'GetProfile',
        'ListProfiles',
      ],
      ...['GetScreenSettings', 'SaveScreenSettings', 'GetRollout', 'CountAssignments', 'ListTenants'],
      ...['ExportGenesysSettings', 'ImportGenesysSettings'],
    ].map((method) => `profiles.v1.ProfileService/${method}`),
  ],
];

describe.each(OFFERED)('%s', (name, methods) => {
  const url = `https://${system.services[name].address}`;

  test('tells buf curl what it offers', async () => {
    const { code, said } = await bufCurl(system, ['--list-methods', url]);
    expect(code, said).toBe(0);
    const ours = said.split('\n').filter((line) => line.startsWith('sealtrack.'));
    expect(ours.sort()).toEqual(methods.map((method) => `sealtrack.${method}`).sort());
  });

  test.each(['', ...new Set(methods.map((method) => `sealtrack.${method.split('/')[0]}`))])(
    'says that it is well, asked for "%s"',
    async (service) => {
      const { code, said } = await bufCurl(system, [
        '-d',
        JSON.stringify({ service }),
        `${url}/grpc.health.v1.Health/Check`,
      ]);
      expect(code, said).toBe(0);
      expect(JSON.parse(said)).toEqual({ status: 'SERVING' });
      expect(await checkHealth(system.services[name].address, { transport })).toBe('SERVING');
    },
  );
});

/** Asks a service to stop as an orchestrator does, and waits until it takes nothing new. */
async function askToStop(name: ServiceName): Promise<void> {
  const { pid, address } = system.services[name];
  process.kill(pid ?? Number.NaN, 'SIGTERM');
  await until(
    `${name} takes nothing new`,
    async () => (await checkHealth(address, { transport })) !== 'SERVING',
  );
  // Still there, for what it has begun.
  expect(system.services[name].pid).toBe(pid);
}

const exitOf = (name: ServiceName) =>
  until(`${name} ended`, () => exits.find(({ service }) => service === name)?.code.toString());

describe('SIGTERM', () => {
  test('lets a slow upload finish: it gets its receipt, and the process ends with 0', async () => {
    const part = randomBytes(256 * 1024);
    const media = Buffer.concat(Array.from({ length: 160 }, () => part));
    const head = header();
    const stopping = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    // The client takes some megabytes ahead, connected or not; that it takes 32 shows that the service has begun.
    async function* slow() {
      for (let at = 0; at < media.length; at += part.length) {
        if (at === 32 * 1024 * 1024) {
          begun.resolve();
          await stopping.promise;
        }
        yield media.subarray(at, at + part.length);
      }
    }
    const receipt = putRecording(doors.ingest, head, slow(), signal);
    await begun.promise;
    await askToStop('media-encryptor');
    stopping.resolve();
    expect(await receipt).toMatchObject({ plaintextSize: BigInt(media.length), duplicate: false });
    expect(await exitOf('media-encryptor')).toBe('0');

    await system.services['media-encryptor'].restart();
    await stored(doors, head);
    expect((await get(doors, head)).bytes.equals(media)).toBe(true);
  });

  test('lets a slow playback finish: every byte comes, and the process ends with 0', async () => {
    const media = randomBytes(20_000_000);
    const head = header();
    await put(doors, head, media);
    await stored(doors, head);
    const request = { ...head, range: undefined, purpose: '' };
    const { content } = await decryptMedia(doors.decryption, request, signal);
    const hash = createHash('sha256');
    let stopped = false;
    for await (const chunk of content) {
      hash.update(chunk);
      if (stopped) continue;
      stopped = true;
      await askToStop('crypto-server');
    }
    expect(hash.digest('hex')).toBe(createHash('sha256').update(media).digest('hex'));
    expect(await exitOf('crypto-server')).toBe('0');
    await system.services['crypto-server'].restart();
  });

  test('in the middle of captures loses none and doubles none', async () => {
    const media = randomBytes(2_000_000);
    const heads = Array.from({ length: 12 }, () => header());
    await Promise.all(heads.map((head) => capture(doors, head, media)));
    await system.services['media-encryptor'].stop();
    await system.services['media-encryptor'].restart();
    await Promise.all(heads.map((head) => stored(doors, head)));
    for (const head of heads) expect((await get(doors, head)).bytes.equals(media)).toBe(true);
    const { recordings } = await doors.recordings.listRecordings({ tenantId: 'demo', pageSize: 1_000 });
    const ids = recordings.map(({ recordingId }) => recordingId);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
