import { once } from 'node:events';
import {
  type ClientReadableStream,
  type ClientWritableStream,
  credentials,
  makeGenericClientConstructor,
  Server,
  ServerCredentials,
  type ServerReadableStream,
  type ServerWritableStream,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { CHUNK, checkSize, type Engine } from './engine.ts';

interface Material {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly ca: Buffer;
}

const asItIs = (bytes: Buffer) => bytes;
const method = (name: string, requestStream: boolean, responseStream: boolean) => ({
  path: `/bench.Bare/${name}`,
  requestStream,
  responseStream,
  requestSerialize: asItIs,
  requestDeserialize: asItIs,
  responseSerialize: asItIs,
  responseDeserialize: asItIs,
});
const BARE = {
  download: method('download', false, true),
  upload: method('upload', true, false),
  call: method('call', false, false),
};

const number = (value: number) => Buffer.from(String(value));

/** Writes as fast as the stream takes it, and no faster. */
async function write(
  stream: ServerWritableStream<Buffer, Buffer> | ClientWritableStream<Buffer>,
  chunks: number,
) {
  for (let i = 0; i < chunks; i += 1) if (!stream.write(CHUNK)) await once(stream, 'drain');
  stream.end();
}

/** A server of grpc-js and nothing else, for clients with a certificate of the CA. Resolves with its address. */
export async function serveGrpcJs({ cert, key, ca }: Material): Promise<string> {
  const server = new Server();
  server.addService(BARE, {
    download: (call: ServerWritableStream<Buffer, Buffer>) => void write(call, Number(call.request)),
    upload: (call: ServerReadableStream<Buffer, Buffer>, answer: sendUnaryData<Buffer>) => {
      let size = 0;
      call.on('data', (bytes: Buffer) => {
        size += bytes.length;
      });
      call.on('end', () => answer(null, number(size)));
    },
    call: (_call: unknown, answer: sendUnaryData<Buffer>) => answer(null, number(1)),
  });
  const secured = ServerCredentials.createSsl(ca, [{ cert_chain: cert, private_key: key }], true);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.bindAsync('127.0.0.1:0', secured, (error, port) => (error ? reject(error) : resolve(port)));
  return `127.0.0.1:${await promise}`;
}

export function grpcJsEngine(address: string, { cert, key, ca }: Material): Engine {
  const Client = makeGenericClientConstructor(BARE, 'bench.Bare');
  // Its own check of names would ask for an address by SNI, which Node warns of.
  const options = { 'grpc.ssl_target_name_override': 'localhost' };
  const client = new Client(address, credentials.createSsl(ca, key, cert), options);
  const call = (name: keyof typeof BARE, ...given: unknown[]): unknown =>
    Reflect.apply(Reflect.get(client, name), client, given);
  return {
    async download(chunks) {
      let size = 0;
      const stream = call('download', number(chunks)) as ClientReadableStream<Buffer>;
      for await (const bytes of stream) size += (bytes as Buffer).length;
      checkSize(chunks, size);
    },
    async upload(chunks) {
      const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
      const stream = call('upload', (error: Error | null, size: Buffer) =>
        error ? reject(error) : resolve(size),
      ) as ClientWritableStream<Buffer>;
      await write(stream, chunks);
      checkSize(chunks, Number(await promise));
    },
    async call() {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      call('call', number(1), (error: Error | null) => (error ? reject(error) : resolve()));
      await promise;
    },
    [Symbol.asyncDispose]: async () => client.close(),
  };
}
