import { AppError } from '@sealtrack/errors/app-error';
import type { Kind } from './file-contents.ts';

const WHAT: Readonly<Record<Kind, string>> = {
  certificate: 'a certificate',
  certificates: 'certificates (PKCS#7)',
  'revocation list': 'a certificate revocation list (CRL)',
  'certificate request': 'a certificate request (CSR)',
  'public key': 'a public key',
  'RSA key': 'a private key',
  'private key': 'a private key',
  'EC key': 'an EC private key',
  'DSA key': 'a DSA private key',
  'encrypted private key': 'an encrypted private key',
  'encrypted PEM key': 'an encrypted private key',
  'PKCS#12': 'an encrypted PKCS#12 (PFX) key store',
  'Java key store': 'a Java key store (JKS)',
  'SSH private key': 'an SSH private key',
  'SSH public key': 'an SSH public key',
  'PuTTY key': 'a PuTTY private key',
  PGP: 'a PGP key or message',
  recording: 'a recording',
  parameters: 'parameters of keys',
  empty: 'nothing at all',
  damaged: 'something damaged or cut short',
  unknown: 'nothing in PEM or DER that is known here',
};

const TO_PKCS12 =
  'Convert it: keytool -importkeystore -srckeystore FILE -destkeystore NEW.p12 -deststoretype PKCS12; then give NEW.p12 as the private key.';
const KEY_HERE = 'Give this file as the private key, and its certificate here.';
const AGAIN = 'Copy the file again from where it was made: as it is, it cannot be read.';

const CERTIFICATE_FIXES: Readonly<Partial<Record<Kind, string>>> = {
  'certificate request': 'Have the CA sign the request, and give the certificate that it sends back.',
  'public key': 'Give the X.509 certificate of this key: begin with openssl req -new, and have a CA sign it.',
  'RSA key': KEY_HERE,
  'private key': KEY_HERE,
  'encrypted private key': KEY_HERE,
  'encrypted PEM key': KEY_HERE,
  'PKCS#12':
    'Give this file as the private key (--pfx on the command line), with its password: the certificate in it is found there.',
  'Java key store': TO_PKCS12,
  damaged: AGAIN,
};
const CERTIFICATE_FORM =
  'Give an X.509 certificate with an RSA key of 2048 to 8192 bits, in PEM or DER; openssl x509 -in FILE -text shows what a file holds.';

const KEY_FIXES: Readonly<Partial<Record<Kind, string>>> = {
  certificate: 'Give this file as the certificate, and its private key here.',
  certificates: 'Give this file as the certificate, and its private key here.',
  'certificate request': 'Give the private key that the request was made with.',
  'public key': 'Give the private key that this public key is half of.',
  'Java key store': TO_PKCS12,
  'SSH private key': 'Convert a copy of it: ssh-keygen -p -m PKCS8 -f COPY.',
  'PuTTY key': 'Convert it: puttygen FILE -O private-openssh -o COPY, then ssh-keygen -p -m PKCS8 -f COPY.',
  damaged: AGAIN,
};
const KEY_FORM =
  'Give one RSA private key of 2048 to 8192 bits: PKCS#8, PKCS#1 or PKCS#12 (.pfx), in PEM or DER.';

export const noCertificate = (kind: Kind): AppError =>
  new AppError('CERTIFICATE_INVALID', `The file holds ${WHAT[kind]} and no certificate`, {
    fix: CERTIFICATE_FIXES[kind] ?? CERTIFICATE_FORM,
    details: { found: kind },
  });

export const noCertificateRequest = (kind: Kind): AppError =>
  new AppError('CERTIFICATE_INVALID', `The file holds ${WHAT[kind]} and no certificate request`, {
    fix:
      kind === 'damaged'
        ? AGAIN
        : 'Give a certificate request (PKCS#10) in PEM or DER, such as openssl req -new makes.',
    details: { found: kind },
  });

export const noPrivateKey = (kind: Kind): AppError =>
  new AppError(
    'PRIVATE_KEY_INVALID',
    `The file holds ${WHAT[kind]} and no private key that opens recordings`,
    {
      fix: KEY_FIXES[kind] ?? KEY_FORM,
      details: { found: kind },
    },
  );

/** For a key that need not open recordings. */
export const noPrivateKeyAtAll = (kind: Kind): AppError =>
  new AppError(
    'PRIVATE_KEY_INVALID',
    `The file holds ${WHAT[kind]} and no private key that can be read here`,
    {
      fix: kind.startsWith('certificate')
        ? 'Give the file with the private key of it.'
        : (KEY_FIXES[kind] ?? ANY_KEY_FORM),
      details: { found: kind },
    },
  );

const ANY_KEY_FORM = 'Give one RSA or EC private key: PKCS#8, PKCS#1 or PKCS#12 (.pfx), in PEM or DER.';
