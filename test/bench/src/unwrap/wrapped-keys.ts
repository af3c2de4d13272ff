import { type KeyObject, privateDecrypt } from 'node:crypto';
import { parseCertificate } from '@sealtrack/certificates/certificate';
import { createSelfSigned } from '@sealtrack/certificates/self-signed';
import type { WrappedKey } from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import { parseEnvelope } from '@sealtrack/envelope/envelope';
import { paddingOf } from '@sealtrack/envelope/key-transport';
import { recipientFromCertificate } from '@sealtrack/envelope/recipient';
import { createMediaSealer } from '@sealtrack/envelope/seal-media';
import type { Doors } from '@sealtrack/launcher/demo/doors';

/** As many different ones as fit into one call. */
const COUNT = 64;
export const TENANT = 'bench';

/** Session keys under one certificate that the server holds, as each engine wants them. */
export interface WrappedKeys {
  readonly bits: number;
  readonly wrapped: readonly WrappedKey[];
  readonly privateKey: KeyObject;
  readonly encrypted: readonly Buffer[];
  readonly padding: ReturnType<typeof paddingOf>;
  readonly deks: readonly Buffer[];
}

export async function makeWrappedKeys({ certificates }: Doors, bits: number): Promise<WrappedKeys> {
  const made = await createSelfSigned({ commonName: `Bench ${bits}`, bits });
  const { certificate } = await certificates.importCertificate({
    tenantId: TENANT,
    certificate: Buffer.from(made.certificatePem),
    privateKey: made.privateKeyPem,
  });
  const certificateIds = [certificate?.certificateId ?? ''];
  const recipients = [recipientFromCertificate(parseCertificate(made.certificateDer))];
  const envelopes = await Promise.all(Array.from({ length: COUNT }, () => newEnvelope(recipients)));
  const found = envelopes.map((envelope) => parseEnvelope(envelope).recipients[0]);
  const encrypted = found.map((recipient) => recipient?.encryptedKey ?? Buffer.alloc(0));
  const transport = found[0]?.keyTransport;
  if (transport === undefined) throw new Error('An envelope of ours has a recipient that we know');
  const padding = paddingOf(transport);
  return {
    bits,
    wrapped: envelopes.map((envelope, i) => ({
      recordingId: `recording-${i}`,
      mediaId: 'main',
      envelope,
      certificateIds,
    })),
    privateKey: made.privateKey,
    encrypted,
    padding,
    deks: encrypted.map((each) => privateDecrypt({ key: made.privateKey, ...padding }, each)),
  };
}

async function newEnvelope(
  recipients: Parameters<typeof createMediaSealer>[0]['recipients'],
): Promise<Buffer> {
  const sealer = createMediaSealer({ suite: 'pkcs7', recipients });
  for await (const _ of sealer.seal(aByte()));
  return Buffer.from(sealer.finish().envelope);
}

async function* aByte() {
  yield Buffer.of(1);
}
