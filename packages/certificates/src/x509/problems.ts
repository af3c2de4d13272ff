/** Everything that can be wrong with a chain. A closed set: what shows it to people has a sentence for each. */
export const CHAIN_PROBLEMS = [
  'certificate-malformed',
  'certificate-not-conforming',
  'input-too-large',
  'issuer-unknown',
  'root-untrusted',
  'search-exhausted',
  'chain-too-long',
  'signature-invalid',
  'signature-algorithm-refused',
  'key-refused',
  'not-yet-valid',
  'expired',
  'not-a-ca',
  'ca-may-not-sign',
  'path-length-exceeded',
  'name-forbidden',
  'names-too-many',
  'critical-extension-unknown',
  'policies-unsupported',
  'key-usage-missing',
  'extended-key-usage-missing',
  'peer-name-mismatch',
  'revoked',
  'crl-missing',
  'crl-malformed',
  'crl-not-conforming',
  'crl-not-yet-valid',
  'crl-expired',
  'crl-signature-invalid',
  'crl-issuer-untrusted',
  'crl-unsupported',
  'crl-incomplete',
] as const;
export type ChainProblem = (typeof CHAIN_PROBLEMS)[number];

/** What is wrong, and with which certificate. */
export interface ChainFailure {
  readonly problem: ChainProblem;
  /** Whose: its subject as an RFC 4514 string, or where it stands (`anchor 2`) when it cannot be read. */
  readonly subject: string;
  /** What exactly, where that differs: a rule, a name, an OID, a date. Empty where it does not. */
  readonly detail: string;
}

/** For the person who gave the certificate: what happened and what to do about it. */
export interface Explanation {
  readonly message: string;
  readonly fix: string;
}

const ASK_CA = 'Have the CA issue the certificate anew.';
const NEW_CRL = 'Get the current CRL from the CA and give it in place of this one.';

type Text = readonly [message: (subject: string, detail: string) => string, fix: string];

const TEXTS: Readonly<Record<ChainProblem, Text>> = {
  'certificate-malformed': [
    (subject, detail) => `${subject} is no X.509 certificate in DER: it ${detail}`,
    `${ASK_CA} If it came by mail or through an editor, take the original file first.`,
  ],
  'certificate-not-conforming': [
    (subject, detail) => `${subject} breaks a rule of RFC 5280: it ${detail}`,
    `${ASK_CA} Where the CA cannot be changed, the lenient profile (SEALTRACK_TRUST_PROFILE) lets this through.`,
  ],
  'input-too-large': [
    (_, detail) => `There is more to check than any real chain has: ${detail}`,
    'Give only the CAs between the certificate and its root, each once.',
  ],
  'issuer-unknown': [
    (subject, detail) => `No trusted CA is known that issued ${subject}: its issuer is ${detail}`,
    'Give the CAs between it and its root along with it, and have the root configured as trusted.',
  ],
  'root-untrusted': [
    (subject) => `The chain ends at ${subject}, which is its own issuer and is not trusted here`,
    'Have it configured as trusted, if you know that it is what it says.',
  ],
  'search-exhausted': [
    (subject) => `Too many CAs could have issued ${subject}; the search was given up`,
    'Give only the CAs between the certificate and its root, each once.',
  ],
  'chain-too-long': [
    (subject, detail) => `There are too many CAs between ${subject} and a trusted root: ${detail}`,
    'Trust a CA that is nearer to the certificate, or allow longer chains.',
  ],
  'signature-invalid': [
    (subject, detail) => `The signature on ${subject} is not by the CA that it names: ${detail}`,
    'Give the CA certificate that it was issued under: the CA may have a newer key. If that is the one, the file is damaged.',
  ],
  'signature-algorithm-refused': [
    (subject) => `${subject} is signed with an algorithm that is too weak or not known`,
    `${ASK_CA} SHA-256 with RSA, ECDSA or Ed25519 is taken.`,
  ],
  'key-refused': [
    (subject, detail) => `The key of ${subject} is too weak, too large or of an unknown kind: ${detail}`,
    `${ASK_CA} RSA of 2048 to 8192 bits is taken, and for CAs P-256, P-384, P-521 and Ed25519 too.`,
  ],
  'not-yet-valid': [
    (subject, detail) => `${subject} is not valid before ${detail}`,
    'Wait until then, or correct the clock if it is wrong.',
  ],
  expired: [
    (subject, detail) => `${subject} expired at ${detail}`,
    'Renew it and give the new one, with the CAs that the new one needs.',
  ],
  'not-a-ca': [
    (subject) => `${subject} is not the certificate of a CA, and something was issued with it`,
    'Give the CA certificate that belongs in its place; a CA certificate has basicConstraints CA:TRUE.',
  ],
  'ca-may-not-sign': [
    (subject) => `The key of ${subject} is not for signing certificates (keyUsage has no keyCertSign)`,
    'Give the CA certificate that belongs in its place.',
  ],
  'path-length-exceeded': [
    (subject) => `${subject} may not have as many CAs below it (pathLenConstraint)`,
    'Have the certificate issued by a CA higher up, or this CA certificate without the limit.',
  ],
  'name-forbidden': [
    (subject, detail) => `${subject} has a name that a CA above it may not issue for: ${detail}`,
    'Have it issued under names that the CA is permitted (nameConstraints), or by another CA.',
  ],
  'names-too-many': [
    (subject) => `${subject} has more names, or constraints on names, than can be compared`,
    'Have it issued with fewer.',
  ],
  'critical-extension-unknown': [
    (subject, detail) => `${subject} has a critical extension that is not known here: ${detail}`,
    `${ASK_CA} Leave out that extension, or do not mark it critical.`,
  ],
  'policies-unsupported': [
    (subject, detail) => `${subject} restricts certificate policies (${detail}), which are not checked here`,
    'Have the CA certificate issued without it, or trust the CA below it directly.',
  ],
  'key-usage-missing': [
    (subject, detail) => `The key of ${subject} is not for this use: keyUsage has no ${detail}`,
    'Have it issued with that key usage.',
  ],
  'extended-key-usage-missing': [
    (subject, detail) => `${subject} is not for this use: extendedKeyUsage has no ${detail}`,
    'Have it issued with that extended key usage, or with none.',
  ],
  'peer-name-mismatch': [
    (subject, detail) => `${subject} is not for ${detail}`,
    'Have it issued with that name in its subjectAltName, or ask for a name that it has.',
  ],
  revoked: [
    (subject, detail) => `${subject} was revoked by its CA: ${detail}`,
    'Use another certificate. If the key is known to others, replace it as well.',
  ],
  'crl-missing': [
    (subject) => `There is no CRL that says whether ${subject} was revoked`,
    'Give the current CRL of its issuer.',
  ],
  'crl-malformed': [(subject, detail) => `${subject} cannot be read: it ${detail}`, NEW_CRL],
  'crl-not-conforming': [
    (subject, detail) => `The CRL of ${subject} breaks a rule of RFC 5280: it ${detail}`,
    `${NEW_CRL} Where the CA cannot be changed, the lenient profile (SEALTRACK_TRUST_PROFILE) lets this through.`,
  ],
  'crl-not-yet-valid': [
    (subject, detail) => `The CRL of ${subject} is from the future: ${detail}`,
    'Correct the clock, here or at the CA.',
  ],
  'crl-expired': [(subject, detail) => `The CRL of ${subject} was to be replaced by ${detail}`, NEW_CRL],
  'crl-signature-invalid': [(subject) => `The signature on the CRL of ${subject} is wrong`, NEW_CRL],
  'crl-issuer-untrusted': [
    (subject, detail) => `Nobody who may has signed the CRL of ${subject}: ${detail}`,
    'Give the certificate that the CRL was signed under (keyUsage cRLSign), with the CAs above it.',
  ],
  'crl-unsupported': [
    (subject, detail) => `The CRL of ${subject} is of a kind that is not read here: ${detail}`,
    "Give the CA's own complete CRL.",
  ],
  'crl-incomplete': [
    (subject) =>
      `The CRLs of ${subject} do not speak of this kind of certificate, or not of every reason, or only of changes`,
    'Give all CRLs of the CA, or its complete one.',
  ],
};

export function explainProblem({ problem, subject, detail }: ChainFailure): Explanation {
  const [message, fix] = TEXTS[problem];
  return { message: message(subject === '' ? 'A certificate without a name' : subject, detail), fix };
}
