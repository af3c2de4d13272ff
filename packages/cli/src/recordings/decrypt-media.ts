import type {
  DecryptMediaRequest,
  DecryptMediaResponse,
  MediaHeader,
} from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import { beginWith, exactly } from './header-then-chunks.ts';

/** The part of DecryptionService that is used here. */
export interface Decryption {
  decryptMedia(
    request: DecryptMediaRequest,
    options: { readonly signal?: AbortSignal },
  ): AsyncIterable<DecryptMediaResponse>;
}

export interface DecryptedMedia {
  readonly header: MediaHeader;
  /** Verified plaintext. What came before an error is not the recording. */
  readonly content: AsyncIterable<Uint8Array>;
}

/** Without a ticket the caller plays by itself. */
type Asked = Omit<DecryptMediaRequest, 'ticket' | 'clientAddress' | 'headerOnly'> &
  Partial<Pick<DecryptMediaRequest, 'ticket' | 'clientAddress'>>;

/** Resolves when the header is there, which is when the access is on record. Throws the service's error. */
export async function decryptMedia(
  decryption: Decryption,
  asked: Asked,
  signal: AbortSignal,
): Promise<DecryptedMedia> {
  const request = { ticket: '', clientAddress: '', headerOnly: false, ...asked };
  const { header, chunks } = await beginWith(partsOf(decryption.decryptMedia(request, { signal })));
  return { header, content: exactly(chunks, header.range?.length ?? header.size) };
}

async function* partsOf(responses: AsyncIterable<DecryptMediaResponse>) {
  for await (const { part } of responses) if (part !== undefined) yield part;
}
