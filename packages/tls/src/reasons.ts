/**
 * What OpenSSL and Node call what went wrong, and what it is, of "it", the other side. X509_V_ERR_…: `openssl verify`; ERR_SSL_…:
 * the reason strings of OpenSSL's libssl; alerts: RFC 8446, 6.2.
 */
const REASONS: Readonly<Record<string, string>> = {
  // Certificates, as OpenSSL verifies them.
  CERT_HAS_EXPIRED: 'a certificate of its chain has expired',
  CERT_NOT_YET_VALID: 'a certificate of its chain is not valid yet',
  CERT_REVOKED: 'a certificate of its chain was revoked',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is its own issuer, and is not trusted here',
  SELF_SIGNED_CERT_IN_CHAIN: 'its chain ends at a CA that is not trusted here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'no trusted CA is known that issued its certificate, or it did not send the CAs between',
  UNABLE_TO_GET_ISSUER_CERT: 'no trusted CA is known that issued its certificate',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    'no trusted CA is known that issued its certificate, or it did not send the CAs between',
  INVALID_PURPOSE: 'its certificate is not for this use (extendedKeyUsage or keyUsage)',
  INVALID_CA: 'a certificate of its chain is not that of a CA, and something was issued with it',
  PATH_LENGTH_EXCEEDED: 'a CA of its chain may not have as many CAs below it',
  CERT_CHAIN_TOO_LONG: 'its chain is too long',
  CERT_SIGNATURE_FAILURE: 'a signature in its chain is wrong',
  CERT_UNTRUSTED: 'a CA of its chain is not trusted for this use',
  CERT_REJECTED: 'a CA of its chain is rejected for this use',
  HOSTNAME_MISMATCH: 'its certificate is for another name',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  EE_KEY_TOO_SMALL: 'the key of its certificate is too short',
  CA_KEY_TOO_SMALL: 'the key of a CA of its chain is too short',
  CA_MD_TOO_WEAK: 'a certificate of its chain is signed with a digest that is too weak',
  // Handshakes.
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'it offers no version of TLS that is taken here, 1.2 or newer',
  ERR_SSL_HTTP_REQUEST: 'it speaks HTTP in the clear, and not TLS',
  ERR_SSL_HTTPS_PROXY_REQUEST: 'it speaks in the clear, and not TLS',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it speaks in the clear, and not TLS',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it speaks in the clear, and not TLS',
  ERR_SSL_NO_SHARED_CIPHER: 'it offers no cipher that is taken here',
  ERR_SSL_NO_SUITABLE_SIGNATURE_ALGORITHM: 'it takes no signature that the certificate here can make',
  ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE: 'it showed no certificate',
  ERR_SSL_UNEXPECTED_EOF_WHILE_READING: 'it went away in the middle of the handshake',
  ERR_TLS_HANDSHAKE_TIMEOUT: 'it did not finish the handshake in time',
  ECONNRESET: 'it went away in the middle of the handshake',
  EPIPE: 'it went away in the middle of the handshake',
  // Alerts: what the other side says of this one.
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: 'it takes no version of TLS that is offered here',
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: 'it does not trust the CA of the certificate here',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'it asks for a certificate, and was shown none',
  ERR_SSL_TLSV1_ALERT_DECRYPT_ERROR: 'it could not verify a signature of the handshake',
  ERR_SSL_TLSV1_ALERT_ACCESS_DENIED: 'it does not let the certificate here in',
  'ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE': 'it refused the certificate here as a bad one',
  'ERR_SSL_SSL/TLS_ALERT_UNSUPPORTED_CERTIFICATE': 'it refused the certificate here as not for this use',
  'ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_REVOKED': 'it refused the certificate here as revoked',
  'ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_EXPIRED': 'it refused the certificate here as expired',
  'ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_UNKNOWN': 'it refused the certificate here',
  'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE':
    'it found no version, cipher or certificate that both sides take',
};

/** Plain words for the code of a failed handshake or verification, without a full stop; undefined for other errors. */
export function tlsReason(code: unknown): string | undefined {
  if (typeof code !== 'string') return undefined;
  const known = REASONS[code];
  if (known !== undefined) return known;
  return code.startsWith('ERR_SSL_') ? `the handshake failed (${code})` : undefined;
}

/** The code of an error of Node, such as ERR_SSL_HTTP_REQUEST. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
