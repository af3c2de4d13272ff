import { DerError } from '../der.ts';

/** What a bundle may have of certificates with everything around them, or of CRLs. */
const MAX_SIZE = 16 * 1024 * 1024;
const MAX_BLOCKS = 1000;

/**
 * The DER of every PEM block with a label, in order, of a file that has others and text between them as well; of a file that
 * is DER itself, that. What is damaged inside a block comes out as damaged DER. Throws DerError.
 */
export function readBundle(file: Uint8Array, label: 'CERTIFICATE' | 'X509 CRL'): Buffer[] {
  if (file.length > MAX_SIZE) throw new DerError('is larger than 16 MiB');
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  if (bytes[0] === 0x30) return [Buffer.from(bytes)];
  const [begin, end] = [`-----BEGIN ${label}-----`, `-----END ${label}-----`];
  const found: Buffer[] = [];
  for (let at = bytes.indexOf(begin); at !== -1; at = bytes.indexOf(begin, at)) {
    const stop = bytes.indexOf(end, at);
    if (stop === -1) throw new DerError('ends inside a PEM block');
    if (found.length === MAX_BLOCKS) throw new DerError(`has more than ${MAX_BLOCKS} PEM blocks`);
    found.push(Buffer.from(bytes.toString('latin1', at + begin.length, stop), 'base64'));
    at = stop;
  }
  return found;
}
