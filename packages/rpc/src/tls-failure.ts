import type { X509Certificate } from 'node:crypto';
import { AppError } from '@sealtrack/errors/app-error';

/** A server as its clients know it. */
export interface Target {
  /** host:port. */
  readonly address: string;
  /** What its certificate has to be for: a DNS name or an IP address. */
  readonly serverName: string;
}

const codeOf = (error: unknown): string => {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : error;
  return typeof code === 'string' ? code : '';
};

const UNKNOWN_CA = [
  'is not from a CA that is trusted here',
  'Add its CA to SEALTRACK_TLS_TRUSTED_CA here, or give that server a certificate of a trusted one, with the CAs between.',
] as const;

/** What OpenSSL says of a server's certificate: X509_verify_cert_error_string(3) in Node's names. */
const REASONS: Readonly<Record<string, readonly [message: string, fix: string]>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: UNKNOWN_CA,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_CA,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_CA,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_CA,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_CA,
  CERT_SIGNATURE_FAILURE: UNKNOWN_CA,
  CERT_HAS_EXPIRED: ['has expired', 'Renew it, or correct the clock here if that is wrong.'],
  CERT_NOT_YET_VALID: ['is not valid yet', 'Wait until it is, or correct the clock here if that is wrong.'],
  CERT_REVOKED: ['was revoked', 'Give that server a new certificate.'],
  INVALID_PURPOSE: ['is not for servers', 'Have one issued whose extendedKeyUsage has serverAuth.'],
  UNABLE_TO_GET_CRL: [
    'is from a CA of which there is no CRL here',
    'Add the CRL of every CA of its chain to SEALTRACK_TLS_CRL.',
  ],
  CRL_HAS_EXPIRED: ['cannot be checked: the CRL here has expired', 'Get the current CRL from its CA.'],
};

const subjectOf = ({ subject }: X509Certificate) => subject.replaceAll('\n', ', ');

function whatIsWrong(target: Target, reason: string, theirs: X509Certificate | undefined) {
  const names = theirs?.subjectAltName;
  if (reason === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return [
      `is not for ${target.serverName}${names === undefined ? '' : `, but for ${names}`}`,
      'Reach it by a name or an address that its certificate has, or have one issued that has this one too.',
    ] as const;
  return (
    REASONS[reason] ??
    ([`cannot be trusted (${reason})`, 'Look that reason up in openssl-verification-options(1).'] as const)
  );
}

/** The server showed a certificate that is not taken here: nothing was sent to it. */
export function untrusted(target: Target, cause: unknown, theirs: X509Certificate | undefined): AppError {
  if (cause instanceof AppError) return cause;
  const { address } = target;
  const reason = codeOf(cause) || 'unknown';
  const [message, fix] = whatIsWrong(target, reason, theirs);
  return new AppError('PEER_UNTRUSTED', `The certificate of ${address} ${message}`, {
    fix,
    details: {
      address,
      reason,
      ...(theirs && {
        subject: subjectOf(theirs),
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
    { details: { reason: codeOf(cause) || 'closed' }, cause },
  );
}

const PLAINTEXT_ANSWERS = /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|UNEXPECTED_MESSAGE|HTTP_REQUEST/;

/** There was no handshake to its end. */
export function brokenOff(target: Target, cause?: unknown): AppError {
  const reason = codeOf(cause) || 'closed';
  const rest = { details: { reason }, cause: cause instanceof Error ? cause : undefined };
  if (/NO_APPLICATION_PROTOCOL/.test(reason))
    return unavailable(
      target,
      'does not speak gRPC',
      'Check that the address belongs to the right service.',
      rest,
    );
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
