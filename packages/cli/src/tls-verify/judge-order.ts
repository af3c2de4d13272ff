import { distinguishedName } from '@sealtrack/certificates/distinguished-name';
import { isSelfIssued, type X509 } from '@sealtrack/certificates/x509/parse-x509';
import { type Finding, problem, warning } from '../doctor/finding.ts';

const ORDER = 'Put the certificate first, then the CA that issued it, and so on upwards, each once.';

/** The one of a file that issued none of the others; of several such, the first. */
export function leafAmong(certificates: readonly X509[]): X509 | undefined {
  const issued = new Set(certificates.filter((each) => !isSelfIssued(each)).map(({ issuer }) => issuer.key));
  return certificates.find(({ subject }) => !issued.has(subject.key)) ?? certificates[0];
}

/**
 * How certificates stand that are sent to a peer: leaf first, then what issued it, and so on (RFC 8446, 4.4.2). A peer that
 * trusts roots only needs all CAs between; what else is there only makes the handshake longer.
 */
export function judgeOrder(sent: readonly X509[], leaf: X509, path: readonly X509[] | undefined): Finding[] {
  const found: Finding[] = [];
  if (sent[0]?.fingerprint !== leaf.fingerprint) {
    const at = sent.findIndex(({ fingerprint }) => fingerprint === leaf.fingerprint) + 1;
    found.push(
      problem('order', `the certificate comes as number ${at} of its file, and has to be the first`, ORDER),
    );
  }
  if (path === undefined) return found;
  const ids = new Set(path.map(({ fingerprint }) => fingerprint));
  const strays = sent.filter(({ fingerprint }) => !ids.has(fingerprint));
  if (strays.length > 0) {
    const names = strays.map(({ subject }) => distinguishedName(subject.der)).join('; ');
    found.push(warning('order', `certificates are sent along that are not of this chain: ${names}`, ORDER));
  }
  const position = new Map(path.map(({ fingerprint }, i) => [fingerprint, i]));
  const places = sent.flatMap(({ fingerprint }) => position.get(fingerprint) ?? []);
  if (found.length === 0 && places.some((place, i) => i > 0 && place <= (places[i - 1] ?? 0)))
    found.push(
      warning('order', 'the CAs are not in the order in which they issued, which old peers refuse', ORDER),
    );
  return [...found, ...judgeMissing(sent, path)];
}

/** A CA between that is trusted here, and nowhere else, is not missed here alone. */
function judgeMissing(sent: readonly X509[], path: readonly X509[]): Finding[] {
  const missing = path
    .slice(1)
    .filter(
      (each) => !isSelfIssued(each) && sent.every(({ fingerprint }) => fingerprint !== each.fingerprint),
    );
  if (missing.length === 0) return [];
  const names = missing.map(({ subject }) => distinguishedName(subject.der)).join('; ');
  return [
    warning(
      'order',
      `CAs between it and the root are not sent along: ${names}. Peers that trust the root alone refuse it`,
      'Append the certificates of these CAs to the certificate file.',
    ),
  ];
}
