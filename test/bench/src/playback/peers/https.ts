import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, createServer, get } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Downloads, Wanted } from './grpc-js.ts';
import type { Material } from './material.ts';

/** HTTP/1.1 over mutual TLS and nothing else. Resolves with its address. */
export async function serveHttps(material: Material): Promise<string> {
  const server = createServer({ ...material, requestCert: true }, async (request, response) => {
    const [bytes = 0, chunkBytes = 1] = (request.url ?? '').slice(1).split('/').map(Number);
    const chunk = Buffer.alloc(chunkBytes, 7);
    response.writeHead(200, { 'content-length': bytes });
    for (let left = bytes; left > 0; left -= chunkBytes)
      if (!response.write(left < chunkBytes ? chunk.subarray(0, left) : chunk)) await once(response, 'drain');
    response.end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export function httpsClient(address: string, material: Material): Downloads {
  const agent = new Agent({ ...material, servername: 'localhost', keepAlive: true, maxSockets: 1 });
  return {
    async download({ bytes, chunkBytes }: Wanted) {
      const request = get(`https://${address}/${bytes}/${chunkBytes}`, { agent });
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      let size = 0;
      for await (const chunk of response) size += (chunk as Buffer).byteLength;
      return size;
    },
    [Symbol.asyncDispose]: async () => agent.destroy(),
  };
}
