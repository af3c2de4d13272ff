import { type GeneralName, isDnsName, isDnsPattern, mailboxOf } from './general-names.ts';
import type { X509 } from './parse-x509.ts';

/** Whom a certificate is wanted for. IP addresses as their 4 or 16 bytes. */
export type PeerName =
  | { readonly kind: 'dns' | 'email'; readonly value: string }
  | { readonly kind: 'ip'; readonly value: Buffer };

/** By its subjectAltName alone (RFC 9525, 6): a common name is text for people. */
export const matchesName = ({ extensions }: X509, wanted: PeerName): boolean =>
  (extensions.subjectAltNames ?? []).some((name) => isFor(name, wanted));

function isFor(name: GeneralName, wanted: PeerName): boolean {
  if (name.kind === 'ip') return wanted.kind === 'ip' && name.value.equals(wanted.value);
  if (name.kind === 'dns') return wanted.kind === 'dns' && hostMatches(name.value, wanted.value);
  if (name.kind !== 'email' || wanted.kind !== 'email') return false;
  const [given, asked] = [mailboxOf(name.value), mailboxOf(wanted.value)];
  return given !== undefined && given.local === asked?.local && given.host === asked.host;
}

/** A `*` is a whole first label, and stands for one. */
function hostMatches(pattern: string, host: string): boolean {
  if (!isDnsPattern(pattern) || !isDnsName(host)) return false;
  const [given, asked] = [pattern.toLowerCase(), host.toLowerCase()];
  if (!given.startsWith('*.')) return given === asked;
  return asked.slice(asked.indexOf('.') + 1) === given.slice(2) && asked.includes('.');
}
