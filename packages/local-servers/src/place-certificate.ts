import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CertificateFiles, Place } from './local-server.ts';

/**
 * The files of a server's certificate, as the server sees them. One in a container gets copies in its folder: what changes
 * then, it has after a restart.
 */
export async function placeCertificate(files: CertificateFiles, place: Place): Promise<CertificateFiles> {
  if (place.dir === place.hostDir) return files;
  const placed = { certificate: 'certificate.pem', certificateKey: 'key.pem', trustedCa: 'trusted_ca.pem' };
  for (const name of ['certificate', 'certificateKey', 'trustedCa'] as const)
    await copyFile(files[name], join(place.hostDir, placed[name]));
  return {
    certificate: join(place.dir, placed.certificate),
    certificateKey: join(place.dir, placed.certificateKey),
    trustedCa: join(place.dir, placed.trustedCa),
  };
}
