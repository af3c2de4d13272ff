import { X509Certificate } from 'node:crypto';
import { readIfThere } from './durable-files.ts';

/** The first certificate of a file; undefined for what is no certificate, or not there. Throws INVALID_ARGUMENT. */
export async function readX509(path: string): Promise<X509Certificate | undefined> {
  const file = await readIfThere(path);
  try {
    return file === undefined ? undefined : new X509Certificate(file);
  } catch {
    return undefined;
  }
}
