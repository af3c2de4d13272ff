import type {
  DecryptionServiceDefinition,
  ExportPkcs7Response,
} from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import { AppError } from '@sealtrack/errors/app-error';
import type { MediaId, RecordingId, TenantId } from '@sealtrack/ids/ids';
import type { RpcCallOptions, RpcClient } from '@sealtrack/rpc/client';

/** Disposed, it ends the call, if that has not ended. */
export interface OpenedExport extends Disposable {
  /** Of the PKCS#7 file. */
  readonly size: number;
  /** To be read once. Throws what the server said. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

export interface ExportRequest {
  readonly tenantId: TenantId;
  readonly recordingId: RecordingId;
  readonly mediaId: MediaId;
  readonly purpose: string;
}

export type OpenExport = (
  request: ExportRequest,
  call: RpcCallOptions & { readonly signal: AbortSignal },
) => Promise<OpenedExport>;

/** Resolves when the access is on record and the size is known. @throws AppError. */
export async function openExport(
  decryption: Pick<RpcClient<DecryptionServiceDefinition>, 'exportPkcs7'>,
  request: ExportRequest,
  call: RpcCallOptions & { readonly signal: AbortSignal },
): Promise<OpenedExport> {
  const ended = new AbortController();
  const signal = AbortSignal.any([call.signal, ended.signal]);
  const parts = decryption.exportPkcs7(request, { ...call, signal })[Symbol.asyncIterator]();
  try {
    const { value } = await parts.next();
    const header: ExportPkcs7Response | undefined = value;
    if (header?.part?.$case !== 'header') throw malformed();
    const size = Number(header.part.value.size);
    return { size, bytes: chunksOf(parts), [Symbol.dispose]: () => ended.abort() };
  } catch (error) {
    ended.abort();
    throw error;
  }
}

async function* chunksOf(parts: AsyncIterator<ExportPkcs7Response>): AsyncGenerator<Uint8Array> {
  for (;;) {
    const { done, value } = await parts.next();
    if (done) return;
    if (value.part?.$case !== 'chunk') throw malformed();
    yield value.part.value;
  }
}

const malformed = (): AppError =>
  new AppError('INTERNAL', 'The answer of the crypto server is not an export', {
    fix: 'Look into the log of crypto-server: it may be of another version.',
  });
