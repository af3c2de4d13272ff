import type { X509Certificate } from 'node:crypto';
import { AppError } from '@sealtrack/errors/app-error';
import { ServerRefused } from '@sealtrack/tls/connection-options';
import { codeOf, tlsReason } from '@sealtrack/tls/reasons';

/** A server as its clients know it. */
export interface Target {
  /** host:port. */
  readonly address: string;
  /** What its certificate has to be for: a DNS name or an IP address. */
  readonly serverName: string;
}

const OTHER_CA =
  'Add its CA to SEALTRACK_TLS_TRUSTED_CA here, or give that server a certificate of a trusted one, with the CAs between.';
const CLOCK = 'Renew it, or correct the clock here if that is wrong.';

/** By what Node calls what OpenSSL says of a certificate (X509_V_ERR_…). */
const FIXES: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: OTHER_CA,
  SELF_SIGNED_CERT_IN_CHAIN: OTHER_CA,
  UNABLE_TO_GET_ISSUER_CERT: OTHER_CA,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: OTHER_CA,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: OTHER_CA,
  CERT_SIGNATURE_FAILURE: OTHER_CA,
  CERT_HAS_EXPIRED: CLOCK,
  CERT_NOT_YET_VALID: CLOCK,
  INVALID_PURPOSE: 'Give that server a certificate whose extendedKeyUsage has serverAuth.',
};

const subjectOf = ({ subject }: X509Certificate) => subject.replaceAll('\n', ', ');

function whatIsWrong(cause: unknown): { reason: string; says: string; fix: string | undefined } {
  if (cause instanceof ServerRefused) return { reason: cause.problem, says: cause.reason, fix: cause.fix };
  const reason = codeOf(cause) ?? 'unknown';
  return {
    reason,
    says: tlsReason(reason) ?? `OpenSSL refused its certificate (${reason})`,
    fix: FIXES[reason],
  };
}

/** The server showed a certificate that is not taken here: nothing was sent to it. */
export function untrusted(
  { address, serverName }: Target,
  cause: unknown,
  theirs: X509Certificate | undefined,
): AppError {
  const { reason, says, fix } = whatIsWrong(cause);
  return new AppError('PEER_UNTRUSTED', `${address} is not believed: ${says}`, {
    fix:
      fix ?? 'Have that server show a certificate that is right, or see whose it is: sealtrack tls verify.',
    details: {
      address,
      serverName,
      reason,
      ...(theirs && {
        subject: subjectOf(theirs),
        names: theirs.subjectAltName ?? '',
        validFrom: theirs.validFrom,
        validTo: theirs.validTo,
        fingerprint: theirs.fingerprint256,
      }),
    },
    cause,
  });
}

const unavailable = (
  { address }: Target,
  message: string,
  fix: string,
  rest: { readonly details?: Readonly<Record<string, string>>; readonly cause?: unknown } = {},
) =>
  new AppError('SERVICE_UNAVAILABLE', `${address} ${message}`, {
    fix,
    details: { address, ...rest.details },
    ...(rest.cause === undefined ? {} : { cause: rest.cause }),
  });

/** The server closed the connection, or said that it does, once it had seen the certificate of this process. */
export function refused(target: Target, own: X509Certificate | undefined, cause?: unknown): AppError {
  const name = own ? ` (${subjectOf(own)}, SHA-256 ${own.fingerprint256})` : '';
  return unavailable(
    target,
    `does not let this process in: it closed the connection when it had seen the certificate${name}`,
    'Look into the log of that server: it says why. Then give this process another certificate, or that server the CA.',
    { details: { reason: codeOf(cause) ?? 'closed' }, cause },
  );
}

/** It speaks TLS, and neither HTTP/2 nor, as it seems, gRPC. */
export const noGrpc = (target: Target, cause?: unknown): AppError =>
  unavailable(target, 'does not speak gRPC', 'Check that the address belongs to the right service.', {
    cause,
  });

const PLAINTEXT_ANSWERS = /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|UNEXPECTED_MESSAGE|HTTP_REQUEST/;

/** There was no handshake to its end. */
export function brokenOff(target: Target, cause?: unknown): AppError {
  const reason = codeOf(cause) ?? 'closed';
  const rest = { details: { reason }, cause };
  if (/NO_APPLICATION_PROTOCOL/.test(reason)) return noGrpc(target, cause);
  if (/PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|NO_SHARED_CIPHER|HANDSHAKE_FAILURE/.test(reason))
    return unavailable(
      target,
      'has no version of TLS or no cipher in common with this process',
      'Compare SEALTRACK_TLS_SEC_PROTOCOL and SEALTRACK_TLS_CIPHER_LIST of both.',
      rest,
    );
  if (PLAINTEXT_ANSWERS.test(reason))
    return unavailable(
      target,
      'does not speak TLS',
      'Have it use TLS too, or check that the address belongs to the right service.',
      rest,
    );
  return unavailable(
    target,
    'broke off the TLS handshake',
    'Look into the log of that server: it says why. It may also be one that does not speak TLS.',
    rest,
  );
}

export const mute = (target: Target): AppError =>
  unavailable(
    target,
    'did not answer the TLS handshake',
    'Check that the address belongs to the right service, and that it speaks TLS.',
  );
