import type {
  ExportPkcs7Request,
  ExportPkcs7Response,
  Pkcs7Header,
} from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import { beginWith, exactly } from './header-then-chunks.ts';

/** The part of DecryptionService that is used here. */
export interface Export {
  exportPkcs7(
    request: ExportPkcs7Request,
    options: { readonly signal?: AbortSignal },
  ): AsyncIterable<ExportPkcs7Response>;
}

export interface ExportedPkcs7 {
  /** With the size of the file, and the recording's manifest. */
  readonly header: Pkcs7Header;
  /** The PKCS#7 file. */
  readonly content: AsyncIterable<Uint8Array>;
}

/** One media file as an ordinary PKCS#7 file. Throws the service's error. */
export async function exportPkcs7(
  decryption: Export,
  asked: Omit<ExportPkcs7Request, 'purpose'> & Partial<Pick<ExportPkcs7Request, 'purpose'>>,
  signal: AbortSignal,
): Promise<ExportedPkcs7> {
  const request = { purpose: '', ...asked };
  const { header, chunks } = await beginWith(partsOf(decryption.exportPkcs7(request, { signal })));
  return { header, content: exactly(chunks, header.size) };
}

async function* partsOf(responses: AsyncIterable<ExportPkcs7Response>) {
  for await (const { part } of responses) if (part !== undefined) yield part;
}
