import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, get } from 'node:https';
import type { Material } from './peers/material.ts';

export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** As a browser has it: connections that stay. */
const agent = new Agent({ keepAlive: true, maxSockets: 1_000 });

/** The response to a GET of a range. Throws when it is not 206. */
export async function getRange(
  url: string,
  { ca }: Pick<Material, 'ca'>,
  { offset, length }: ByteRange,
): Promise<IncomingMessage> {
  const headers = { range: `bytes=${offset}-${offset + length - 1}` };
  const request = get(url, { agent, ca, headers });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  if (response.statusCode === 206) return response;
  response.resume();
  throw new Error(`The gateway answered ${response.statusCode}`);
}

/** Resolves with the bytes that came. */
export async function readUrl(
  url: string,
  material: Pick<Material, 'ca'>,
  range: ByteRange,
): Promise<number> {
  let size = 0;
  for await (const chunk of await getRange(url, material, range)) size += (chunk as Buffer).byteLength;
  return size;
}
