import type { Kind } from '../certificate-files/file-kind.ts';
import type { ReadCertificates } from '../certificate-files/read-certificate.ts';
import type { ReadKey } from '../certificate-files/read-key.ts';

/** As the crypto server has them (packages/certificates). */
const [MIN_BITS, MAX_BITS, MIN_OLD_BITS] = [2048, 8192, 1024];

const KEY_HERE = 'Choose this file as the private key, and its certificate here.';
const CERTIFICATE_FIXES: Readonly<Partial<Record<Kind, string>>> = {
  'certificate request': 'Have the CA sign the request, and choose the certificate that it sends back.',
  'public key': 'Have a CA make a certificate of this key: openssl req -new begins one.',
  'private key': KEY_HERE,
  'RSA key': KEY_HERE,
  'encrypted private key': KEY_HERE,
  'encrypted PEM key': KEY_HERE,
  'Java key store': 'Convert it: keytool -importkeystore -deststoretype PKCS12; then choose the new file.',
};
const KEY_FIXES: Readonly<Partial<Record<Kind, string>>> = {
  certificate: 'Choose this file as the certificate, and its private key here.',
  certificates: 'Choose this file as the certificate, and its private key here.',
  'certificate request': 'Choose the private key that the request was made with.',
  'public key': 'Choose the private key that this public key is half of.',
  'Java key store': 'Convert it: keytool -importkeystore -deststoretype PKCS12; then choose the new file.',
  'SSH or PuTTY key': 'Convert a copy of it: ssh-keygen -p -m PKCS8 -f COPY.',
};

/**
 * What the crypto server would surely refuse, said before anything is sent; undefined without. It says the rest, of chains and
 * revocation say, when the files are checked.
 */
export function problemOfCertificate(
  { leaf, kind }: ReadCertificates,
  decryptOnly: boolean,
  now: Date,
): string | undefined {
  if (kind !== 'certificate')
    return `This file holds ${aOf(kind)} and no certificate. ${CERTIFICATE_FIXES[kind] ?? 'Choose an X.509 certificate in PEM, DER or PKCS#7.'}`;
  // Which one is meant is told by the private key.
  if (leaf === undefined) return undefined;
  const { keyType, keyBits, notAfter } = leaf;
  if (keyType !== 'RSA')
    return `It is a certificate of an ${keyType} key, and recordings need RSA. Have one issued for an RSA key of ${MIN_BITS} bits or more.`;
  if (keyBits > MAX_BITS) return `Its key has ${keyBits} bits, and ${MAX_BITS} are the most that are used.`;
  if (keyBits < (decryptOnly ? MIN_OLD_BITS : MIN_BITS))
    return keyBits >= MIN_OLD_BITS
      ? `Its key of ${keyBits} bits is too weak to encrypt to: it is taken for opening old recordings only. For new ones, have it issued anew for one of ${MIN_BITS} bits or more.`
      : `Its key of ${keyBits} bits is too weak. Have it issued anew for one of ${MIN_BITS} bits or more.`;
  if (notAfter <= now && !decryptOnly)
    return 'It has expired, so that nothing new may be encrypted to it. Have it renewed, or take it for opening old recordings only.';
  return undefined;
}

export function problemOfKey(key: ReadKey, certificate: ReadCertificates | undefined): string | undefined {
  const { kind, count, keyType, bits, modulus } = key;
  const fix =
    KEY_FIXES[kind] ?? 'Choose an RSA private key: PKCS#8, PKCS#1 or PKCS#12 (.pfx), in PEM or DER.';
  if (count === 0 || kind === 'Java key store' || kind === 'SSH or PuTTY key')
    return `This file holds ${aOf(kind)} and no private key that can be read. ${fix}`;
  if (count > 1)
    return `This file holds ${count} private keys. Choose a file with the one of this certificate.`;
  if (keyType !== undefined && keyType !== 'RSA')
    return `It is an ${keyType} key, and recordings need RSA. Choose the RSA key of this certificate.`;
  const others = [certificate?.leaf, ...(certificate?.others ?? [])];
  const known = others.filter((one) => one !== undefined);
  if (modulus === undefined || known.length === 0 || known.some((one) => one.modulus === modulus))
    return undefined;
  return `This key of ${bits} bits is not the one of this certificate. Choose the key that its request was made with.`;
}

const aOf = (kind: Kind): string =>
  ['nothing', 'something unknown', 'certificates'].includes(kind)
    ? kind
    : `${/^[aeiou]|^RSA|^SSH/i.test(kind) ? 'an' : 'a'} ${kind}`;
