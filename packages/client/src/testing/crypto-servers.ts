import { connect, createServer, type Socket } from 'node:net';
import type {
  DecryptMediaRequest,
  DecryptMediaResponse,
} from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import { AppError } from '@sealtrack/errors/app-error';
import type { ErrorCode } from '@sealtrack/errors/codes';
import { startRpcServer } from '@sealtrack/rpc/server';
import { collectingLog, decryption } from '@sealtrack/rpc/testing';
import { OPEN_TO_ALL } from '@sealtrack/rpc/testing/open-to-all';
import { PLAINTEXT } from '@sealtrack/tls/tls';

export const MEDIA = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * 31 + (i >> 8)) & 0xff));
const CHUNK = 10_000;

type Decrypt = (
  request: DecryptMediaRequest,
  signal: AbortSignal,
) => AsyncGenerator<DecryptMediaResponse, void>;

export interface CryptoServer extends AsyncDisposable {
  readonly address: string;
  readonly asked: DecryptMediaRequest[];
  /** What it does now; at first it plays MEDIA. */
  decrypt: Decrypt;
  /** Breaks its connections off, as a process that is killed does, and takes no others until it is begun anew. */
  kill(): void;
  begin(): void;
}

/** A real server, behind a door of its own whose connections can be broken off. */
export async function startCryptoServer(): Promise<CryptoServer> {
  const asked: DecryptMediaRequest[] = [];
  const state = { decrypt: play(), isKilled: false };
  const server = await startRpcServer({
    ...{ listen: '127.0.0.1:0', log: collectingLog(), transport: PLAINTEXT, graceMs: 0 },
    access: OPEN_TO_ALL,
    services: [
      decryption((request, { signal }) => {
        asked.push(request);
        return state.decrypt(request, signal);
      }),
    ],
  });
  const sockets = new Set<Socket>();
  const door = createServer((near) => {
    if (state.isKilled) return void near.destroy();
    const far = connect(Number(server.address.split(':')[1]), '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.once('close', () => [near, far].map((each) => each.destroy()));
    }
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
  const bound = door.address();
  const kill = () => {
    state.isKilled = true;
    for (const socket of sockets) socket.destroy();
  };
  return Object.assign(state, {
    ...{ address: `127.0.0.1:${typeof bound === 'object' ? bound?.port : ''}`, asked, kill },
    begin() {
      asked.length = 0;
      Object.assign(state, { decrypt: play(), isKilled: false });
    },
    async [Symbol.asyncDispose]() {
      kill();
      door.close();
      await server.close();
    },
  });
}

interface Played {
  readonly media?: Buffer;
  readonly contentType?: string;
  readonly checksum?: string;
  /** Before each chunk, by its offset in the media. */
  readonly before?: (offset: number) => void | Promise<void>;
}

/** As a crypto server does. */
export function play({
  media = MEDIA,
  contentType = 'audio/wav',
  checksum = 'c',
  before,
}: Played = {}): Decrypt {
  return async function* ({ range, headerOnly }) {
    const offset = Number(range?.offset ?? 0n);
    const end = range === undefined || range.length === 0n ? media.length : offset + Number(range.length);
    const length = Math.min(end, media.length) - offset;
    const header = { offset: BigInt(offset), length: BigInt(length) };
    yield {
      part: { $case: 'header', value: { contentType, size: BigInt(media.length), range: header, checksum } },
    };
    for (let at = offset; !headerOnly && at < offset + length; at += CHUNK) {
      await before?.(at);
      yield { part: { $case: 'chunk', value: media.subarray(at, Math.min(at + CHUNK, offset + length)) } };
    }
  };
}

/** Fails with the code, before the header. */
export const refuse = (code: ErrorCode, details: Record<string, string> = {}): Decrypt =>
  // biome-ignore lint/correctness/useYield: it gives nothing.
  async function* () {
    throw new AppError(code, `It is ${code}`, { fix: 'Nothing.', details });
  };
