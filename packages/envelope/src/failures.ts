import { AppError } from '@sealtrack/errors/app-error';

/**
 * The one answer to every failure of unwrapping, padding, length or tag: telling them apart would let whoever may
 * ask for decryption learn plaintext by trying (Bleichenbacher, Vaudenay). So it takes no cause.
 */
export const decryptionFailed = (): AppError =>
  new AppError('DECRYPTION_FAILED', 'The media does not match its envelope and tags', {
    fix: "Compare the ciphertext's checksum (docs/envelope.md, section 2) with the manifest's: if they differ, restore the file from a copy; if not, check that the private key belongs to the certificate.",
  });

export const envelopeInvalid = (message: string, cause?: unknown): AppError =>
  new AppError('ENVELOPE_INVALID', message, {
    fix: "Restore the recording's manifest from a copy: it was damaged, or written by something else.",
    cause,
  });
