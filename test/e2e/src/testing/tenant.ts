import { connectBus } from '@sealtrack/bus/connect';
import { openKv } from '@sealtrack/bus/kv';
import {
  createSelfSigned,
  type SelfSigned,
  type SelfSignedOptions,
} from '@sealtrack/certificates/self-signed';
import { BUCKETS, SUBJECTS } from '@sealtrack/contracts/subjects';
import type { SuiteName } from '@sealtrack/envelope/suites';
import type { Doors } from '@sealtrack/launcher/demo/doors';
import { waitUntilApplied } from '@sealtrack/launcher/demo/wait-until-applied';
import type { TestSystem } from './test-system.ts';

export interface Imported extends SelfSigned {
  readonly certificateId: string;
  readonly keyId: string;
}

/** Makes a key and a certificate and imports both, as an administrator does. */
export async function importNew(
  doors: Doors,
  tenantId: string,
  { alias = '', ...options }: Partial<SelfSignedOptions> & { readonly alias?: string } = {},
): Promise<Imported> {
  const made = await createSelfSigned({ commonName: 'Recordings', ...options });
  return importMade(doors, tenantId, made, alias);
}

/** Without an alias it is called by its subject. */
export async function importMade(
  doors: Doors,
  tenantId: string,
  made: SelfSigned,
  alias = '',
): Promise<Imported> {
  const { certificate } = await doors.certificates.importCertificate({
    tenantId,
    certificate: Buffer.from(made.certificatePem),
    privateKey: made.privateKeyPem,
    alias,
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
  name = 'Sales',
): Promise<void> {
  await doors.profiles.createProfile({ tenantId, profileId, name, suite });
  await assign(doors, tenantId, profileId, certificates);
  await untilPushed(doors, tenantId, profileId);
}

/** A tenant whose holding key nobody can read, and a profile without a certificate: its recordings are refused. */
export async function createBareTenant(
  { doors, system }: Pick<TestSystem, 'doors' | 'system'>,
  tenantId: string,
  profileId: string,
): Promise<void> {
  // Nobody else may write what this damages.
  const transport = await system.connections.transportOf('profile-config');
  await using bus = await connectBus({ transport, url: system.natsUrl, name: 'test' });
  await doors.profiles.createProfile({ tenantId, profileId, name: 'Bare' });
  await openKv(bus, BUCKETS.profiles).put(SUBJECTS.holdingKey(tenantId), Buffer.from('damaged'));
  // Encryptors have what came before when they have this.
  await doors.profiles.updateProfile({ tenantId, profileId, name: 'Still bare' });
  await untilPushed(doors, tenantId, profileId);
}

/** Resolves once every encryptor has the profile as it is now; without one, the tenant's screen settings. */
export const untilPushed = (doors: Doors, tenantId: string, profileId = ''): Promise<void> =>
  waitUntilApplied(doors, tenantId, profileId);
