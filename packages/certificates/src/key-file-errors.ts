import { AppError } from '@sealtrack/errors/app-error';

/** What may be wrong with a file that holds a private key, with the way out. */

const FORM =
  'Give one RSA private key of 2048 to 8192 bits: PKCS#8, PKCS#1 or PKCS#12 (.pfx), in PEM or DER.';
const ANEW =
  'Export it again, encrypted with AES-256: openssl pkcs8 -topk8 -v2 aes-256-cbc, or openssl pkcs12 -export.';

export const keyInvalid = (message: string, fix = FORM, cause?: unknown): AppError =>
  new AppError('PRIVATE_KEY_INVALID', message, { fix, cause });

/** `what` is a word such as "cipher", `name` an OID or what a header says. */
export const unsupported = (what: string, name: string): AppError =>
  new AppError(
    'PRIVATE_KEY_INVALID',
    `The private key is encrypted with an unknown ${what}: ${shown(name)}`,
    {
      fix: ANEW,
      details: { [what]: shown(name) },
    },
  );

export const passwordMissing = (): AppError =>
  new AppError('PRIVATE_KEY_PASSWORD_MISSING', 'The private key is encrypted with a password', {
    fix: 'Give the password of the private key file along with it.',
  });

/** Nobody can tell the two apart: without the right password, a damaged file looks the same. */
export const passwordWrong = (): AppError =>
  new AppError(
    'PRIVATE_KEY_PASSWORD_WRONG',
    'The private key does not open with this password: it is the wrong one, or the file is damaged',
    {
      fix: 'Check the password: openssl pkey -in FILE -noout asks for it, and openssl pkcs12 -in FILE -noout for that of a PFX. If that fails too, the file is damaged.',
    },
  );

/** From a file: printable characters only, and few of them. */
const shown = (name: string): string => name.replace(/[^\w.-]/g, '').slice(0, 64);
