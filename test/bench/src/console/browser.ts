import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { text } from 'node:stream/consumers';
import type { System } from '@sealtrack/launcher/system';

/** Asks the console as a browser of somebody who is signed in does: over connections that stay. */
export interface Browser extends Disposable {
  /** GET below /api/v1. Throws when it is not answered by 200. */
  open(path: string): Promise<IncomingMessage>;
  /** The same, read to its end. */
  json(path: string): Promise<unknown>;
}

/** Makes the first account, with the link that the console has printed. */
export async function signUp(system: System): Promise<Browser> {
  const { console: people, consoleUrl } = system;
  if (people === undefined || consoleUrl === undefined) throw new Error('The system has no console');
  const ca = await trustedBy(system);
  const agent = new Agent({ ca, keepAlive: true });
  const ask = async (method: string, path: string, headers: Record<string, string>, body?: string) => {
    const asked = request(`${consoleUrl}/api/v1${path}`, { agent, method, headers });
    asked.end(body);
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    if (answer.statusCode === 200) return answer;
    throw new Error(`${method} ${path}: ${answer.statusCode} ${await text(answer)}`);
  };
  const token = new URL((await readFile(people.setupLinkFile, 'utf8')).trim()).hash.slice(1);
  const first = JSON.stringify({ token, name: 'bench', password: 'four words that do' });
  const own = { origin: consoleUrl, 'content-type': 'application/json' };
  const made = await ask('POST', '/setup', own, first);
  await text(made);
  const cookie = (made.headers['set-cookie'] ?? []).map((each) => each.split(';')[0]).join('; ');
  const open = (path: string) => ask('GET', path, { cookie });
  return {
    open,
    json: async (path) => JSON.parse(await text(await open(path))),
    [Symbol.dispose]: () => agent.destroy(),
  };
}

/** The CA of a system, as PEM. */
export async function trustedBy({ connections }: System): Promise<Buffer> {
  const files = connections.filesOf('console');
  if (files === undefined) throw new Error('The system has no TLS');
  return await readFile(files.trustedCa);
}
