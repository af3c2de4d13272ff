import type { Owner } from './owners.ts';
import type { Workbench } from './workbench.ts';

/** What a detached envelope for one recipient is made of, in hexadecimal. */
export interface GenesysParts {
  /** The certificate's issuer is this common name alone. */
  readonly commonName: string;
  readonly serial: string;
  readonly encryptedKey: string;
  readonly iv: string;
}

/**
 * An envelope in PEM as Genesys writes it beside a recording: EnvelopedData for one recipient by issuer and serial
 * number, rsaEncryption, AES-256-CBC, without encryptedContent. Every byte of it comes from OpenSSL.
 */
export async function genesysEnvelope(bench: Workbench, parts: GenesysParts): Promise<string> {
  const config = bench.write(`
asn1 = SEQUENCE:contentInfo
[contentInfo]
type = OID:pkcs7-envelopedData
content = EXP:0,SEQUENCE:envelopedData
[envelopedData]
version = INTEGER:0
recipients = SET:recipients
info = SEQUENCE:info
[recipients]
one = SEQUENCE:recipient
[recipient]
version = INTEGER:0
id = SEQUENCE:id
algorithm = SEQUENCE:rsa
key = FORMAT:HEX,OCT:${parts.encryptedKey}
[id]
issuer = SEQUENCE:name
serial = INTEGER:0x${parts.serial}
[name]
one = SET:relative
[relative]
one = SEQUENCE:attribute
[attribute]
type = OID:commonName
value = UTF8:${parts.commonName}
[rsa]
type = OID:rsaEncryption
parameters = NULL
[info]
type = OID:pkcs7-data
cipher = SEQUENCE:cipher
[cipher]
type = OID:aes-256-cbc
iv = FORMAT:HEX,OCT:${parts.iv}
`);
  const der = bench.fresh();
  await bench.openssl('asn1parse', '-genconf', config, '-noout', '-out', der);
  return (await bench.openssl('pkcs7', '-inform', 'DER', '-in', der, '-outform', 'PEM')).toString();
}

export interface GenesysRecording {
  readonly pem: string;
  readonly ciphertext: Buffer;
}

/** With `openssl enc`, `rand` and `pkeyutl`. `owner` has a certificate with the issuer CN=anna and serial number 1. */
export async function genesysByHand(
  bench: Workbench,
  plaintext: Buffer,
  owner: Owner,
): Promise<GenesysRecording> {
  const random = async (size: number): Promise<Buffer> => bench.openssl('rand', String(size));
  const [dek, iv] = [await random(32), (await random(16)).toString('hex')];
  const key = bench.write(dek);
  const to = ['-certin', '-inkey', owner.certificateFile, '-pkeyopt', 'rsa_padding_mode:pkcs1'];
  const encryptedKey = (await bench.openssl('pkeyutl', '-encrypt', ...to, '-in', key)).toString('hex');
  const cipher = ['-aes-256-cbc', '-K', dek.toString('hex'), '-iv', iv, '-in', bench.write(plaintext)];
  const ciphertext = await bench.openssl('enc', ...cipher);
  return {
    pem: await genesysEnvelope(bench, { commonName: 'anna', serial: '01', encryptedKey, iv }),
    ciphertext,
  };
}

/** With `openssl cms -encrypt`, and the attached file it makes, cut apart where asn1parse says. */
export async function genesysCutApart(
  bench: Workbench,
  plaintext: Buffer,
  owner: Owner,
): Promise<GenesysRecording & { readonly attached: Buffer }> {
  const attached = bench.fresh();
  const options = ['-aes-256-cbc', '-in', bench.write(plaintext), '-outform', 'DER', '-out', attached];
  await bench.openssl('cms', '-encrypt', '-binary', ...options, owner.certificateFile);
  const listing = (await bench.openssl('asn1parse', '-inform', 'DER', '-in', attached)).toString();
  const [encryptedKey = '', iv = ''] = [...listing.matchAll(/\[HEX DUMP\]:([0-9A-F]+)/g)].map(
    ([, hex]) => hex,
  );
  const [, offset, header, length] = /(\d+):d=\d+ +hl=(\d+) l= *(\d+) prim: cont/.exec(listing) ?? [];
  const start = Number(offset) + Number(header);
  return {
    attached: bench.read(attached),
    pem: await genesysEnvelope(bench, { commonName: 'anna', serial: '01', encryptedKey, iv }),
    ciphertext: bench.read(attached).subarray(start, start + Number(length)),
  };
}
