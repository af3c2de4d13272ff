import type { X509Certificate } from 'node:crypto';
import { AppError } from '@sealtrack/errors/app-error';
import { ServerRefused } from '@sealtrack/tls/connection-options';
import {
  type ConnectionProblem,
  connectionProblem,
  refusesCertificate,
  speaksNoTls,
} from '@sealtrack/tls/connection-problem';
import { codeOf, tlsReason } from '@sealtrack/tls/reasons';

/** A server as its clients know it. */
export interface Target {
  /** host:port. */
  readonly address: string;
  /** What its certificate has to be for: a DNS name or an IP address. */
  readonly serverName: string;
}

const subjectOf = ({ subject }: X509Certificate) => subject.replaceAll('\n', ', ');

/** The server showed a certificate that is not taken here: nothing was sent to it. */
export function untrusted(
  { address, serverName }: Target,
  cause: unknown,
  theirs: X509Certificate | undefined,
): AppError {
  const code = codeOf(cause) ?? 'unknown';
  const reason = cause instanceof ServerRefused ? cause.problem : code;
  const { problem, fix } = connectionProblem(cause) ?? {
    problem: `is not believed: ${tlsReason(code) ?? `OpenSSL refused its certificate (${code})`}`,
    fix: 'Have that server show a certificate that is right; sealtrack tls verify says more of it.',
  };
  return new AppError('PEER_UNTRUSTED', `The server at ${address} ${problem}`, {
    fix,
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
  { problem, fix }: ConnectionProblem,
  cause?: unknown,
  reason = codeOf(cause),
): AppError =>
  new AppError('SERVICE_UNAVAILABLE', `The server at ${address} ${problem}`, {
    fix,
    details: { address, ...(reason && { reason }) },
    ...(cause === undefined ? {} : { cause }),
  });

/** The server closed the connection, or said that it does, once it had seen the certificate of this process. */
export function refused(target: Target, own: X509Certificate | undefined, cause?: unknown): AppError {
  const found = connectionProblem(cause) ?? refusesCertificate('it closed the connection without a word');
  const which = own ? `: ${subjectOf(own)}, SHA-256 ${own.fingerprint256}` : '';
  return unavailable(
    target,
    { ...found, problem: `${found.problem}${which}` },
    cause,
    codeOf(cause) ?? 'closed',
  );
}

/** It speaks TLS, and neither HTTP/2 nor, as it seems, gRPC. */
export const noGrpc = (target: Target, cause?: unknown): AppError =>
  unavailable(
    target,
    { problem: 'does not speak gRPC', fix: 'Check that the address belongs to the right service.' },
    cause,
  );

/** There was no handshake to its end. */
export function brokenOff(target: Target, cause?: unknown): AppError {
  if (codeOf(cause)?.includes('NO_APPLICATION_PROTOCOL')) return noGrpc(target, cause);
  const { fix } = speaksNoTls();
  const found = connectionProblem(cause) ?? {
    problem: 'broke off the TLS handshake',
    fix: `Look into the log of that server: it says why. If it does not speak TLS: ${fix}`,
  };
  return unavailable(target, found, cause, codeOf(cause) ?? 'closed');
}

export const mute = (target: Target): AppError =>
  unavailable(target, {
    problem: 'did not answer the TLS handshake',
    fix: 'Check that the address belongs to the right service, and that it speaks TLS.',
  });
