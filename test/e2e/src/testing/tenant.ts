import {
  createSelfSigned,
  type SelfSigned,
  type SelfSignedOptions,
} from '@sealtrack/certificates/self-signed';
import type { SuiteName } from '@sealtrack/envelope/suites';
import { hasCode } from '@sealtrack/errors/app-error';
import type { Doors } from '@sealtrack/launcher/demo/doors';
import { header, put } from './media.ts';
import { until } from './until.ts';

export interface Imported extends SelfSigned {
  readonly certificateId: string;
  readonly keyId: string;
}

/** Makes a key and a certificate and imports both, as an administrator does. */
export async function importNew(
  doors: Doors,
  tenantId: string,
  options: Partial<SelfSignedOptions> = {},
): Promise<Imported> {
  const made = await createSelfSigned({ commonName: 'Recordings', ...options });
  return importMade(doors, tenantId, made);
}

export async function importMade(doors: Doors, tenantId: string, made: SelfSigned): Promise<Imported> {
  const { certificate } = await doors.certificates.importCertificate({
    tenantId,
    certificate: Buffer.from(made.certificatePem),
    privateKey: made.privateKeyPem,
  });
  if (certificate === undefined) throw new Error('Nothing was imported');
  return { ...made, certificateId: certificate.certificateId, keyId: certificate.keyId };
}

/** Resolves to the profile's revision. */
export async function assign(
  doors: Doors,
  tenantId: string,
  profileId: string,
  certificates: readonly Pick<Imported, 'certificateId'>[],
): Promise<bigint> {
  const certificateIds = certificates.map(({ certificateId }) => certificateId);
  const { profile } = await doors.profiles.assignCertificates({ tenantId, profileId, certificateIds });
  return profile?.revision ?? 0n;
}

/** A tenant with one profile and one certificate, which the encryptor knows already. */
export async function createTenant(doors: Doors, tenantId = 'demo', profileId = '101'): Promise<Imported> {
  const imported = await importNew(doors, tenantId);
  await createProfile(doors, tenantId, profileId, [imported]);
  return imported;
}

/** A profile that the encryptor knows already. */
export async function createProfile(
  doors: Doors,
  tenantId: string,
  profileId: string,
  certificates: readonly Pick<Imported, 'certificateId'>[],
  suite: SuiteName = 'pkcs7',
): Promise<void> {
  await doors.profiles.createProfile({ tenantId, profileId, name: 'Sales', suite });
  await assign(doors, tenantId, profileId, certificates);
  await untilUsed(doors, tenantId, profileId, certificates);
}

/** Waits for the push, by what a pipeline can see of it: the certificates in its receipt. */
export const untilUsed = (
  doors: Doors,
  tenantId: string,
  profileId: string,
  certificates: readonly Pick<Imported, 'certificateId'>[],
): Promise<true> =>
  until('the encryptor uses the certificates', async () => {
    try {
      const receipt = await put(doors, header({ tenantId, profileId }), Buffer.of(1));
      const expected = certificates.map(({ certificateId }) => certificateId).sort();
      return [...receipt.certificateIds].sort().join() === expected.join();
    } catch (error) {
      if (hasCode(error, 'PROFILE_NOT_FOUND') || hasCode(error, 'NO_USABLE_CERTIFICATE')) return false;
      throw error;
    }
  });
