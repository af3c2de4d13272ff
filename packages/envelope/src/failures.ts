import { AppError } from '@sealtrack/errors/app-error';

/** What was wrong, for the audit and nobody else. */
export interface FailedCheck {
  readonly check:
    | 'sizes'
    | 'envelope MAC'
    | 'segment tag'
    | 'content MAC or padding'
    | 'ciphertext too short'
    | 'ciphertext too long'
    | 'waveform';
  /** The segment's index, where it is one that failed. */
  readonly segment?: number;
}

/** Not on the error itself, where a log or a client could come by it. */
const failedChecks = new WeakMap<AppError, FailedCheck>();

/**
 * The one answer to every failure of unwrapping, padding, length or tag: telling them apart would let whoever may
 * ask for decryption learn plaintext by trying (Bleichenbacher, Vaudenay). So it takes no cause.
 */
export function decryptionFailed(failed: FailedCheck): AppError {
  const error = new AppError('DECRYPTION_FAILED', 'The media does not match its envelope and tags', {
    fix: "Compare the ciphertext's checksum with the manifest's (sealtrack envelope scrub): if they differ, restore the file from a copy; if not, check that the private key belongs to the certificate.",
  });
  failedChecks.set(error, failed);
  return error;
}

/** Which check a DECRYPTION_FAILED stands for. It must reach nobody who can ask for decryption. */
export const failedCheckOf = (error: unknown): FailedCheck | undefined =>
  error instanceof AppError ? failedChecks.get(error) : undefined;

export const envelopeInvalid = (message: string, cause?: unknown): AppError =>
  new AppError('ENVELOPE_INVALID', message, {
    fix: "Restore the recording's manifest from a copy: it was damaged, or written by something else.",
    cause,
  });

/** For PKCS#7 and CMS files, which are no part of a manifest. */
export const envelopeFileInvalid = (message: string, cause?: unknown): AppError =>
  new AppError('ENVELOPE_INVALID', message, {
    fix: 'Give one whole file of EnvelopedData or AuthEnvelopedData, in DER, PEM or S/MIME form, as `openssl cms -encrypt` writes it; `openssl cms -cmsout -print -inform DER -noout -in FILE` shows what a file is.',
    cause,
  });
