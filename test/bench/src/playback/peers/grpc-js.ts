import { once } from 'node:events';
import {
  type ClientReadableStream,
  credentials,
  makeGenericClientConstructor,
  Server,
  ServerCredentials,
  type ServerWritableStream,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { CODECS, type CodecName } from './codecs.ts';
import type { Material } from './material.ts';

/** What a peer is asked for. */
export interface Wanted {
  readonly bytes: number;
  readonly chunkBytes: number;
}

const asItIs = (bytes: Buffer) => bytes;

const definition = (name: CodecName) => ({
  call: {
    path: `/bench.Bare/${name}Call`,
    requestStream: false,
    responseStream: false,
    requestSerialize: asItIs,
    requestDeserialize: asItIs,
    responseSerialize: asItIs,
    responseDeserialize: asItIs,
  },
  download: {
    path: `/bench.Bare/${name}`,
    requestStream: false,
    responseStream: true,
    requestSerialize: (wanted: Wanted) => Buffer.from(JSON.stringify(wanted)),
    requestDeserialize: (bytes: Buffer) => JSON.parse(bytes.toString()) as Wanted,
    responseSerialize: CODECS[name].serialize,
    responseDeserialize: CODECS[name].deserialize,
  },
});

const NOTHING = Buffer.alloc(0);

/** Writes as fast as the stream takes it, and no faster. */
async function write(call: ServerWritableStream<Wanted, Buffer>): Promise<void> {
  const { bytes, chunkBytes } = call.request;
  const chunk = Buffer.alloc(chunkBytes, 7);
  for (let left = bytes; left > 0; left -= chunkBytes)
    if (!call.write(left < chunkBytes ? chunk.subarray(0, left) : chunk)) await once(call, 'drain');
  call.end();
}

/** grpc-js and nothing else, for clients with a certificate of the CA. Resolves with its address. */
export async function serveGrpcJs(name: CodecName, { cert, key, ca }: Material): Promise<string> {
  const server = new Server();
  server.addService(definition(name), {
    download: (call: ServerWritableStream<Wanted, Buffer>) => void write(call),
    call: (_call: unknown, answer: sendUnaryData<Buffer>) => answer(null, NOTHING),
  });
  const secured = ServerCredentials.createSsl(ca, [{ cert_chain: cert, private_key: key }], true);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.bindAsync('127.0.0.1:0', secured, (error, port) => (error ? reject(error) : resolve(port)));
  return `127.0.0.1:${await promise}`;
}

export interface Downloads extends AsyncDisposable {
  /** Resolves with the bytes that came. */
  download(wanted: Wanted): Promise<number>;
}

export interface BareCalls extends Downloads {
  /** A unary call that does nothing. */
  call(): Promise<void>;
}

export function grpcJsClient(name: CodecName, address: string, { cert, key, ca }: Material): BareCalls {
  const Client = makeGenericClientConstructor(definition(name), 'bench.Bare');
  const { windowBytes } = CODECS[name];
  const client = new Client(address, credentials.createSsl(ca, key, cert), {
    // Its own check of names would ask for an address by SNI, which Node warns of.
    'grpc.ssl_target_name_override': 'localhost',
    ...(windowBytes === undefined ? {} : { 'grpc-node.flow_control_window': windowBytes }),
  });
  return {
    async call() {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const answered = (error: Error | null) => (error ? reject(error) : resolve());
      Reflect.apply(Reflect.get(client, 'call'), client, [NOTHING, answered]);
      await promise;
    },
    async download(wanted) {
      const stream = Reflect.apply(Reflect.get(client, 'download'), client, [
        wanted,
      ]) as ClientReadableStream<Uint8Array>;
      let size = 0;
      for await (const bytes of stream) size += (bytes as Uint8Array).byteLength;
      return size;
    },
    [Symbol.asyncDispose]: async () => client.close(),
  };
}
