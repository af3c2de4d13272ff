import { OPEN_ACCESS } from '@sealtrack/access/access';
import type { DecryptMediaRequest } from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import { AppError } from '@sealtrack/errors/app-error';
import { startRpcServer } from '@sealtrack/rpc/server';
import { collectingLog, decryption } from '@sealtrack/rpc/testing';
import { OPEN_TO_ALL } from '@sealtrack/rpc/testing/open-to-all';
import { parseConfig } from '@sealtrack/service-kit/config';
import { noMetrics } from '@sealtrack/service-kit/metrics';
import { noteLines } from '@sealtrack/service-kit/testing/note-lines';
import { readTlsSettings } from '@sealtrack/service-kit/tls-settings';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { config } from '../config.ts';
import { start } from '../service.ts';

export const MEDIA = Buffer.from(Array.from({ length: 10_000 }, (_, i) => (i * 7) & 0xff));

/** A crypto server that looks at tickets as far as these tests need it. */
export interface StubCrypto extends AsyncDisposable {
  readonly address: string;
  readonly asked: DecryptMediaRequest[];
  contentType: string;
  checksum: string;
  media: Buffer;
  /** Before each chunk, by its offset. */
  before: (offset: number, signal: AbortSignal) => unknown;
}

const CHUNK = 1_000;

export async function startStubCrypto(): Promise<StubCrypto> {
  const asked: DecryptMediaRequest[] = [];
  const stub = { asked, contentType: 'audio/wav', checksum: 'gmac0:1', media: MEDIA, before: () => {} };
  const state: Omit<StubCrypto, 'address' | typeof Symbol.asyncDispose> = stub;
  const server = await startRpcServer({
    ...{ listen: '127.0.0.1:0', log: collectingLog(), transport: PLAINTEXT, graceMs: 0 },
    access: OPEN_TO_ALL,
    services: [
      decryption(async function* (request, { signal }) {
        asked.push(request);
        checkTicket(request);
        const { media, contentType, checksum } = state;
        const offset = Number(request.range?.offset ?? 0n);
        if (offset >= media.length)
          throw new AppError('RANGE_NOT_SATISFIABLE', 'It begins behind the end', {
            fix: 'Ask for less.',
            details: { size: String(media.length) },
          });
        const length = Math.min(Number(request.range?.length || media.length), media.length - offset);
        const range = { offset: BigInt(offset), length: BigInt(length) };
        yield {
          part: { $case: 'header', value: { contentType, checksum, range, size: BigInt(media.length) } },
        };
        for (let at = offset; !request.headerOnly && at < offset + length; at += CHUNK) {
          await state.before(at, signal);
          yield {
            part: { $case: 'chunk', value: media.subarray(at, Math.min(at + CHUNK, offset + length)) },
          };
        }
      }),
    ],
  });
  return Object.assign(state, { address: server.address, [Symbol.asyncDispose]: () => server.close() });
}

/** The third part of a ticket is what is wrong with it. */
function checkTicket({ ticket, recordingId }: DecryptMediaRequest): void {
  const problem = Buffer.from(ticket.split('.')[2] ?? '', 'base64url').toString();
  if (problem === 'expired')
    throw new AppError('TICKET_INVALID', 'The ticket has expired', {
      fix: 'Have a new ticket made.',
      details: { reason: 'expired' },
    });
  if (problem === 'denied') throw new AppError('PERMISSION_DENIED', 'You may not', { fix: 'Ask for it.' });
  if (recordingId === 'nothing')
    throw new AppError('RECORDING_NOT_FOUND', 'There is none', { fix: 'See the list.' });
}

export const ticketFor = (claims: object = {}, problem = 'ok'): string =>
  [{ alg: 'ES256' }, { tenant: 'acme', act: 'play', ...claims }]
    .map((part) => JSON.stringify(part))
    .concat(problem)
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.');

export interface Gateway extends AsyncDisposable {
  /** http://127.0.0.1:port, or https. */
  readonly url: string;
  readonly lines: ReturnType<typeof noteLines>['lines'];
}

/** The service as it is; over HTTPS with a certificate among the variables. */
export async function startGateway(
  crypto: { readonly address: string },
  variables: Readonly<Record<string, string>> = {},
): Promise<Gateway> {
  const env = {
    SEALTRACK_LISTEN: '127.0.0.1:0',
    SEALTRACK_CRYPTO_ADDRESSES: crypto.address,
    ...variables,
  };
  const { lines, log } = noteLines();
  const running = await start(
    parseConfig(config, env),
    {
      log,
      metrics: noMetrics,
      transport: PLAINTEXT,
      access: OPEN_ACCESS,
      signal: new AbortController().signal,
    },
    readTlsSettings({ SEALTRACK_TLS: 'off' }),
  );
  const scheme = variables.SEALTRACK_HTTP_CERTIFICATE === undefined ? 'http' : 'https';
  return {
    ...{ url: `${scheme}://${running.addresses.http}`, lines },
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}
