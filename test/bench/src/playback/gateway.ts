import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, get } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Material } from './peers/material.ts';

export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** Reads from the gateway as a browser does: over connections that stay. */
export interface GatewayClient extends Disposable {
  /** The response to a GET of a range. Throws when it is not 206. */
  open(url: string, range: ByteRange): Promise<IncomingMessage>;
}

export function gatewayClient({ ca }: Pick<Material, 'ca'>): GatewayClient {
  const agent = new Agent({ ca, keepAlive: true, maxSockets: 1_000 });
  return {
    async open(url, { offset, length }) {
      const headers = { range: `bytes=${offset}-${offset + length - 1}` };
      const response = await orAgain(async () => {
        const [answer] = await once(get(url, { agent, headers }), 'response');
        return answer as IncomingMessage;
      });
      if (response.statusCode === 206) return response;
      response.resume();
      throw new Error(`The gateway answered ${response.statusCode}`);
    },
    [Symbol.dispose]: () => agent.destroy(),
  };
}

const TRIES = 5;
const BETWEEN_MS = 100;

/** Of one address only so many handshakes are under way at a time, and further ones are closed at once. */
async function orAgain<T>(open: () => Promise<T>): Promise<T> {
  for (let i = 1; ; i++)
    try {
      return await open();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET' || i === TRIES) throw error;
      await sleep(i * BETWEEN_MS);
    }
}
