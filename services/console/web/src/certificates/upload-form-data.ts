import { encodePem } from '../certificate-files/pem.ts';
import type { ReadCertificates } from '../certificate-files/read-certificate.ts';
import type { Code } from '../problem-error.ts';

export interface Upload {
  readonly certificate: File | undefined;
  readonly inside: ReadCertificates | undefined;
  readonly key: File | undefined;
  readonly password: string;
  readonly alias: string;
  readonly decryptOnly: boolean;
  readonly dryRun: boolean;
}

/** As the API takes it. What goes as the certificate never has a key in it: one that is in the same file goes as the key. */
export function toFormData(upload: Upload): FormData {
  const { certificate, inside, password, alias, decryptOnly, dryRun } = upload;
  const form = new FormData();
  const isCombined = inside?.hasKey === true;
  const key = upload.key ?? (isCombined ? certificate : undefined);
  // Fields come first: a multipart body is read in order.
  form.append('alias', alias);
  if (decryptOnly) form.append('decrypt_only', '1');
  if (dryRun) form.append('dry_run', '1');
  if (certificate !== undefined)
    form.append('certificate', isCombined ? withoutKeys(inside) : certificate, 'certificate');
  if (key !== undefined) form.append('private_key', key, 'private_key');
  if (password !== '') form.append('password', new Blob([password]), 'password');
  return form;
}

const withoutKeys = ({ leaf, others }: ReadCertificates): Blob =>
  new Blob(
    [...(leaf === undefined ? [] : [leaf]), ...others].map(({ der }) => encodePem('CERTIFICATE', der)),
  );

export type UploadField = 'certificate' | 'private_key' | 'password' | 'alias';

/** The field that a refusal is about; undefined of others. In a PFX the certificate is in the key's file. */
export function fieldOf(
  code: Code | undefined,
  named: string | undefined,
  hasCertificate: boolean,
): UploadField | undefined {
  if (named === 'alias' || named === 'password' || named === 'private_key' || named === 'certificate')
    return named;
  if (code?.startsWith('PRIVATE_KEY_PASSWORD')) return 'password';
  if (code?.startsWith('PRIVATE_KEY')) return 'private_key';
  if (code?.startsWith('CERTIFICATE')) return hasCertificate ? 'certificate' : 'private_key';
  return undefined;
}
