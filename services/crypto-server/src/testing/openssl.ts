import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';

/** A new certificate on a key that has one already, as PEM. */
export function renew(folder: string, privateKeyPem: Buffer): Buffer {
  const [key, certificate] = [`${folder}/renewed.key`, `${folder}/renewed.pem`];
  writeFileSync(key, privateKeyPem, { mode: 0o600 });
  const args = ['req', '-x509', '-key', key, '-days', '30', '-subj', '/CN=Renewed', '-out', certificate];
  execFileSync('openssl', args, { stdio: 'ignore' });
  rmSync(key);
  return readFileSync(certificate);
}
