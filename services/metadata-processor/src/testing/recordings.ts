import type { Recording } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import type { TenantId } from '@sealtrack/ids/ids';
import { parseCertificateId } from '@sealtrack/ids/parse';
import { agentAttributes, DEFAULT_AGENT_ATTRIBUTES } from '../domain/agents.ts';

export const AGENTS = agentAttributes(DEFAULT_AGENT_ATTRIBUTES);

let tenants = 0;
export const newTenant = () => `tenant-${++tenants}` as TenantId;

export const certificate = (n: number) => parseCertificateId(String(n).padStart(64, '0'));

/** A recording with a media file for each list of certificates. */
export const recordingFor = (
  tenantId: TenantId,
  recordingId: string,
  ...certificateIds: readonly (readonly string[])[]
): Recording => ({
  tenantId,
  recordingId,
  profileId: '101',
  startedAt: new Date('2026-01-01T10:00:00Z'),
  storedAt: new Date('2026-01-01T11:00:00Z'),
  attributes: {},
  manifestKey: `recordings/${tenantId}/${recordingId}/recording.json`,
  media: certificateIds.map((ids, n) => ({
    mediaId: `media-${n}`,
    contentType: 'audio/wav',
    suite: 'pkcs7',
    plaintextSize: 1n,
    ciphertextSize: 1n,
    certificateIds: [...ids],
    hasWaveform: false,
  })),
  ...{ mediaType: 'voice', quarantineReason: '', rewrappedAt: undefined, traceId: '' },
  ...{ capturedAt: undefined, encryptedAt: undefined },
});
