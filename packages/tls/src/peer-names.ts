import type { X509 } from '@sealtrack/certificates/x509/parse-x509';

/** On the socket itself, and not beside it: HTTP/2 shows its sockets through a proxy, which is another object. */
const NAMES = Symbol('names of the peer');

/**
 * What a certificate is for: the DNS names in its subjectAltName. One with a colon is no DNS name, and not taken for one: user:alice is
 * what a person is called, whom no certificate proves (ADR 25).
 */
export const dnsNamesOf = ({ extensions }: X509): readonly string[] =>
  (extensions.subjectAltNames ?? []).flatMap((name) =>
    name.kind === 'dns' && !name.value.includes(':') ? [name.value] : [],
  );

/** Says of a socket who is at its other end: for whoever verified it, and nobody else. */
export function keepPeerNames(socket: object, names: readonly string[]): void {
  Object.defineProperty(socket, NAMES, { value: Object.freeze([...names]) });
}

/**
 * Whom the certificate of a peer is for that a guarded server believed: its DNS names. None where clients show no
 * certificate, and of any other socket.
 */
export function peerNames(socket: object): readonly string[] {
  const names: unknown = Reflect.get(socket, NAMES);
  return Array.isArray(names) ? names : [];
}
