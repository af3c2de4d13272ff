import {
  DecryptionServiceDefinition,
  type DecryptMediaRequest,
} from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import { AppError } from '@sealtrack/errors/app-error';
import { connectRpc } from '@sealtrack/rpc/client';
import type { Transport } from '@sealtrack/tls/tls';
import { type ClientLog, createFindStream, type Wanted } from './find-stream.ts';
import { type Header, malformed } from './open-stream.ts';
import type { MediaRequest, OpenedMedia, PlaybackClient, PlaybackRequest } from './playback-client.ts';
import { resume } from './resume.ts';
import { createStandings } from './standings.ts';

export interface PlaybackClientOptions {
  /** Addresses of crypto servers, host:port. */
  readonly servers: readonly string[];
  readonly transport: Transport;
  /** What their certificates have to be for: the host of each address unless told. */
  readonly serverName?: string | undefined;
  /**
   * How long to wait for the first byte, over all servers, and for the next one later, in milliseconds; 10 s unless told.
   */
  readonly firstByteMs?: number;
  /**
   * How long servers that cannot answer now are asked again, once all were, before anything came; as long as that unless told.
   * 0: each is asked once.
   */
  readonly retryMs?: number;
  readonly log?: ClientLog;
  /** What a server may send ahead of what is read here, in bytes, in each stream; 1 MiB unless told. */
  readonly windowBytes?: number;
}

const FIRST_BYTE_MS = 10_000;
const SILENT: ClientLog = { warn: () => {} };

/**
 * A client of several crypto servers that hold the same recordings. The servers connect at the first call. A call that
 * fails is made with another server; a stream that breaks goes on there at the byte that it had come to. What all servers
 * would refuse likewise fails at once. Errors are those of the servers, and INVALID_ARGUMENT for a range that is none.
 */
export function createPlaybackClient(options: PlaybackClientOptions): PlaybackClient {
  const { transport, serverName, firstByteMs = FIRST_BYTE_MS, log = SILENT } = options;
  if (options.servers.length === 0)
    throw new AppError('INVALID_ARGUMENT', 'There is no crypto server to ask', { fix: 'Name one.' });
  const { windowBytes } = options;
  const connecting = {
    transport,
    ...(serverName === undefined ? {} : { serverName }),
    ...(windowBytes === undefined ? {} : { windowBytes }),
  };
  const servers = [...new Set(options.servers)].map((address) => ({
    address,
    client: connectRpc(DecryptionServiceDefinition, address, connecting),
  }));
  const now = () => performance.now();
  const find = createFindStream({
    ...{ firstByteMs, retryMs: options.retryMs ?? firstByteMs, now, log },
    standings: createStandings(servers, now),
  });

  return {
    async open(request): Promise<OpenedMedia> {
      const wanted = wantedOf(request, { range: rangeOf(request), purpose: request.purpose ?? '' });
      const stream = await find(wanted);
      const { contentType, size, checksum, range } = stream.header;
      try {
        checkRange(stream.header, request.range);
      } catch (error) {
        stream.cancel();
        throw error;
      }
      const bytes = resume(stream, find, wanted);
      return {
        ...{ contentType, size, checksum, range, bytes },
        [Symbol.asyncDispose]: async () => void (await bytes.return()),
      };
    },
    async describe(request) {
      const stream = await find(wantedOf(request, { headerOnly: true }));
      // Of a server that does not know what is meant, the whole recording would follow.
      stream.cancel();
      const { contentType, size, checksum } = stream.header;
      return { contentType, size, checksum };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(servers.map(({ client }) => client[Symbol.asyncDispose]()));
    },
  };
}

const wantedOf = (
  { tenantId, recordingId, mediaId = '', ticket = '', clientAddress = '', ...call }: MediaRequest,
  more: Partial<DecryptMediaRequest>,
): Wanted => ({
  request: {
    ...{ tenantId, recordingId, mediaId, ticket, clientAddress },
    ...{ range: undefined, purpose: '', headerOnly: false, ...more },
  },
  call: { traceparent: call.traceparent, onBehalfOf: call.onBehalfOf, signal: call.signal },
});

const isWhole = (number: number, least: number): boolean => Number.isSafeInteger(number) && number >= least;

function rangeOf({ range }: PlaybackRequest): DecryptMediaRequest['range'] {
  if (range === undefined) return undefined;
  const { offset, length } = range;
  if (!isWhole(offset, 0) || (length !== undefined && !isWhole(length, 1)))
    throw new AppError('INVALID_ARGUMENT', 'The range is none', {
      fix: 'Give an offset of 0 or more, and a length of 1 or more, or none for everything behind the offset.',
      details: { field: 'range' },
    });
  return { offset: BigInt(offset), length: BigInt(length ?? 0) };
}

/** What was asked for, cut at the end of the media. */
function checkRange({ size, range }: Header, asked: PlaybackRequest['range']): void {
  const offset = asked?.offset ?? 0;
  const rest = size - offset;
  if (range.offset !== offset || range.length !== Math.min(asked?.length ?? rest, rest))
    throw malformed('it is of another range than was asked for');
}
