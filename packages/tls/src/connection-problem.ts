import { ServerRefused } from './connection-options.ts';
import { codeOf } from './reasons.ts';

/** Why there is no connection, for people: completes "The server at … ", and what to do about it. */
export interface ConnectionProblem {
  readonly problem: string;
  readonly fix: string;
}

const UNTRUSTED: ConnectionProblem = {
  problem: 'shows a certificate of a CA that is not trusted here',
  fix: 'Add its CA to SEALTRACK_TLS_TRUSTED_CA, or have that server show a certificate of a trusted one with the CAs between.',
};

/** What Node and OpenSSL find wrong with the certificate of a server (X509_verify_cert_error_string(3)). */
const OF_SERVER: Readonly<Record<string, ConnectionProblem>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  CERT_SIGNATURE_FAILURE: UNTRUSTED,
  ERR_TLS_CERT_ALTNAME_INVALID: {
    problem: 'shows a certificate for another name',
    fix: 'Reach it by a name or an address that its certificate has, or have one issued that has this one.',
  },
  CERT_HAS_EXPIRED: {
    problem: 'shows a certificate that has expired',
    fix: 'Renew it, or correct the clock here if that is wrong.',
  },
  CERT_NOT_YET_VALID: {
    problem: 'shows a certificate that is not valid yet',
    fix: 'Wait until it is, or correct the clock here if that is wrong.',
  },
  CERT_REVOKED: { problem: 'shows a revoked certificate', fix: 'Give that server a new certificate.' },
  INVALID_PURPOSE: {
    problem: 'shows a certificate that is not for servers',
    fix: 'Have one issued whose extendedKeyUsage has serverAuth.',
  },
};

const NO_TLS: ConnectionProblem = {
  problem: 'does not speak TLS',
  fix: 'Have it use TLS, or check that the address is the right one. SEALTRACK_TLS=off does without, in the clear.',
};

/** What its own certificate is to a process, and to nobody else: its settings. */
const REFUSED_FIX =
  'Look into the log of that server: it says why. Then give this process a certificate that it believes (SEALTRACK_TLS_CERTIFICATE), or that server its CA.';

/** Undefined for an error that has nothing to do with TLS. */
export function connectionProblem(error: unknown): ConnectionProblem | undefined {
  if (error instanceof ServerRefused)
    return { problem: `is not believed: ${error.message}`, fix: error.fix ?? UNTRUSTED.fix };
  const code = codeOf(error);
  if (code === undefined) return undefined;
  const known = OF_SERVER[code];
  if (known !== undefined) return known;
  if (/PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|NO_SHARED_CIPHER|HANDSHAKE_FAILURE/.test(code))
    return {
      problem: 'has no version of TLS or no cipher in common with this process',
      fix: 'Compare SEALTRACK_TLS_SEC_PROTOCOL and SEALTRACK_TLS_CIPHER_LIST with what that server allows.',
    };
  if (/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST/.test(code)) return NO_TLS;
  if (/^ERR_SSL_.*ALERT/.test(code)) return refusesCertificate(alertOf(code));
  return undefined;
}

/** `why` is what the server says of it: most say nothing, and close the connection. */
export const refusesCertificate = (why = 'it says no more'): ConnectionProblem => ({
  problem: `refuses the certificate of this process (${why})`,
  fix: REFUSED_FIX,
});

/** Such as "unknown ca": what a server says when it does not believe its client. */
const alertOf = (code: string): string =>
  code
    .replace(/^.*ALERT_/, '')
    .replaceAll('_', ' ')
    .toLowerCase();

export const speaksNoTls = (): ConnectionProblem => NO_TLS;

export const speaksOnlyTls = (): ConnectionProblem => ({
  problem: 'speaks TLS only',
  fix: 'Give this process a certificate (SEALTRACK_TLS_CERTIFICATE, …_CERTIFICATE_KEY, …_TRUSTED_CA), and SEALTRACK_TLS=on.',
});
