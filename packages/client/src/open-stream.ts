import type {
  DecryptionServiceDefinition,
  DecryptMediaRequest,
  DecryptMediaResponse,
} from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import { AppError } from '@sealtrack/errors/app-error';
import type { RpcClient } from '@sealtrack/rpc/client';
import type { MediaDescription } from './playback-client.ts';

export interface Server {
  readonly address: string;
  readonly client: Pick<RpcClient<DecryptionServiceDefinition>, 'decryptMedia'>;
}

export interface Header extends MediaDescription {
  readonly range: { readonly offset: number; readonly length: number };
}

/** One call to one server, behind its header. */
export interface MediaStream {
  readonly server: Server;
  readonly header: Header;
  /** The next bytes, or undefined at the end. @throws AppError; DEADLINE_EXCEEDED when it is silent for too long. */
  next(): Promise<Uint8Array | undefined>;
  /** Ends the call, if it has not ended. */
  cancel(): void;
}

/** What belongs to a call beside its request. */
export interface CallFacts {
  readonly traceparent: string | undefined;
  readonly onBehalfOf: readonly string[] | undefined;
  readonly signal: AbortSignal | undefined;
}

export interface StreamOptions extends CallFacts {
  /** How long to wait for the header. */
  readonly patienceMs: number;
  /** How long to wait for further bytes, each time that they are asked for. */
  readonly silenceMs: number;
}

/** Calls a server, and resolves with the header. @throws AppError what the server said, DEADLINE_EXCEEDED or CANCELLED. */
export async function openStream(
  server: Server,
  request: DecryptMediaRequest,
  { patienceMs, silenceMs, traceparent, onBehalfOf, signal }: StreamOptions,
): Promise<MediaStream> {
  const ended = new AbortController();
  const signals = signal === undefined ? ended.signal : AbortSignal.any([signal, ended.signal]);
  const responses = server.client
    .decryptMedia(request, {
      signal: signals,
      ...(traceparent === undefined ? {} : { traceparent }),
      ...(onBehalfOf === undefined ? {} : { onBehalfOf }),
    })
    [Symbol.asyncIterator]();

  let timer: NodeJS.Timeout | undefined;
  const within = async (ms: number): Promise<IteratorResult<DecryptMediaResponse>> => {
    timer = setTimeout(() => ended.abort(silent(server.address, ms)), ms);
    try {
      return await responses.next();
    } catch (error) {
      throw ended.signal.aborted ? ended.signal.reason : error;
    } finally {
      clearTimeout(timer);
    }
  };
  const cancel = () => ended.abort(new AppError('CANCELLED', 'Nobody reads on', { fix: 'Nothing.' }));
  try {
    const first = await within(patienceMs);
    const part = first.done ? undefined : first.value.part;
    if (part?.$case !== 'header') throw malformed('it does not begin with a header');
    const { contentType, size, checksum, range } = part.value;
    const header = {
      ...{ contentType, size: Number(size), checksum },
      range: { offset: Number(range?.offset ?? 0n), length: Number(range?.length ?? size) },
    };
    return {
      ...{ server, header, cancel },
      async next() {
        const { done, value } = await within(silenceMs);
        if (done) return undefined;
        if (value.part?.$case === 'chunk') return value.part.value;
        throw malformed('there is something else than bytes behind its header');
      },
    };
  } catch (error) {
    cancel();
    throw error;
  }
}

const silent = (address: string, ms: number): AppError =>
  new AppError('DEADLINE_EXCEEDED', `${address} did not say anything for ${ms / 1000} s`, {
    fix: 'Make the same call again; if it stays so, look at the log of that server.',
    details: { address },
  });

export const malformed = (how: string): AppError =>
  new AppError('INTERNAL', `The answer of a crypto server is not whole: ${how}`, {
    fix: 'Discard what came, and look into the log of crypto-server.',
  });
