import { createHash, X509Certificate } from 'node:crypto';
import { pemBlocks } from '@sealtrack/certificates/pem';
import type { CertificateId } from '@sealtrack/ids/ids';
import { plainSerial } from './genesys-alias.ts';

export interface PemCertificate {
  readonly certificateId: CertificateId;
  /** Lower-case hex without leading zeros. */
  readonly serial: string;
  /** For people: whose it is. */
  readonly subject: string;
}

/**
 * What an option holds: one certificate in PEM. Options are one line in some editors: its line breaks may have become
 * spaces or `\n`, or its first and last line be gone. Returns what is wrong with it otherwise.
 */
export function readPem(option: string): PemCertificate | string {
  const text = option.replaceAll(/\\r|\\n/g, '\n');
  const pem = text.includes('-----BEGIN ')
    ? text
    : `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----`;
  const blocks = pemBlocks(Buffer.from(pem));
  const [block] = blocks;
  if (block === undefined || blocks.length > 1)
    return `holds ${blocks.length} PEM blocks, and one certificate is wanted, without its chain`;
  if (block.label !== 'CERTIFICATE') return 'is no certificate';
  const { content: der } = block;
  try {
    const { serialNumber, subject, raw } = new X509Certificate(der);
    // Node reads what stands before trailing bytes, and the id is of exactly the certificate.
    const certificateId = createHash('sha256').update(raw).digest('hex') as CertificateId;
    return { certificateId, serial: plainSerial(serialNumber), subject: subject.replaceAll('\n', ', ') };
  } catch {
    return 'is no certificate in PEM, or a damaged one';
  }
}
