import { writeFile } from 'node:fs/promises';
import { createSelfSigned } from '@sealtrack/certificates/self-signed';
import { AppError, hasCode } from '@sealtrack/errors/app-error';
import type { Doors } from './doors.ts';
import type { Results } from './results.ts';
import { waitUntilApplied } from './wait-until-applied.ts';

export const PROFILE_ID = '101';

/**
 * What an administrator does once: make a key and a certificate, import both into crypto-server, create an IVR
 * profile and assign the certificate to it. Resolves to the certificate's id when the encryptors have it.
 */
export async function makeTenant(
  doors: Doors,
  tenantId: string,
  results: Results,
  signal: AbortSignal,
): Promise<string> {
  const { certificates, profiles } = doors;
  const { certificatePem, privateKeyPem } = await createSelfSigned({
    commonName: 'Sealtrack demo, throwaway',
    organization: tenantId,
  });
  try {
    await writeFile(results.key, privateKeyPem, { mode: 0o600, flag: 'wx' });
    await writeFile(results.certificate, certificatePem, { flag: 'wx' });
    const { certificate } = await certificates.importCertificate(
      { tenantId, certificate: Buffer.from(certificatePem), privateKey: privateKeyPem, alias: 'demo' },
      { signal },
    );
    if (certificate === undefined) throw noCertificate();
    await createProfile(profiles, tenantId, signal);
    const certificateIds = [certificate.certificateId];
    await profiles.assignCertificates({ tenantId, profileId: PROFILE_ID, certificateIds }, { signal });
    await waitUntilApplied(doors, tenantId, PROFILE_ID);
    return certificate.certificateId;
  } finally {
    privateKeyPem.fill(0);
  }
}

async function createProfile(
  profiles: Doors['profiles'],
  tenantId: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    await profiles.createProfile({ tenantId, profileId: PROFILE_ID, name: 'Demo' }, { signal });
  } catch (error) {
    // A NATS server that somebody else runs may keep it from an earlier demo.
    if (!hasCode(error, 'PROFILE_EXISTS')) throw error;
  }
}

const noCertificate = (): AppError =>
  new AppError('INTERNAL', 'crypto-server imported a certificate without saying which', {
    fix: 'Look into the log of crypto-server.',
  });
