import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { type ConnectionOptions, connect } from 'node:tls';
import type { CertificateFiles } from '@sealtrack/local-servers/local-server';
import { createTestCa, type TestCa } from './test-ca.ts';

/** Somebody whom no server may let in; undefined speaks in the clear. */
export interface BadPeer {
  readonly what: string;
  readonly options: ConnectionOptions | undefined;
}

const read = async ({ certificate, certificateKey, trustedCa }: CertificateFiles) => ({
  cert: await readFile(certificate),
  key: await readFile(certificateKey),
  ca: await readFile(trustedCa),
  // The server is not what is tested here.
  checkServerIdentity: () => undefined,
});

/** Each is called `name`, as somebody is whom the server lets in, and has one thing wrong. */
export async function badPeers(ca: TestCa, folder: string, name: string): Promise<readonly BadPeer[]> {
  const other = await createTestCa(folder, 'Another CA');
  const stranger = { ...(await other.issue(name)), trustedCa: ca.trustedCa };
  const good = await read(await ca.issue(name, { file: 'good' }));
  const bad = async (
    what: string,
    valid: readonly [number, number],
    usages: readonly ('server' | 'client')[],
  ) => ({
    what,
    options: await read(await ca.issue(name, { file: what, valid, usages })),
  });
  return [
    { what: 'no certificate', options: { ca: good.ca, checkServerIdentity: () => undefined } },
    { what: 'wrong CA', options: await read(stranger) },
    await bad('expired', [-2, -1], ['client']),
    await bad('not yet valid', [1, 2], ['client']),
    await bad('wrong usage', [-1, 1], ['server']),
    {
      what: 'TLS 1.1',
      options: { ...good, minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
    },
    { what: 'plaintext', options: undefined },
  ];
}

/**
 * What a server says to `words` once it was spoken to over TLS, or in the clear: '' when it broke the connection off
 * before it said anything that has to do with them.
 */
export function answerTo(
  plain: Socket,
  { options }: Pick<BadPeer, 'options'>,
  words: string,
  isAnswer: RegExp,
): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = options === undefined ? plain : connect({ ...options, socket: plain });
  let text = '';
  const speak = () => socket.write(words);
  if (options === undefined) speak();
  else socket.once('secureConnect', speak);
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    if (isAnswer.test(text)) resolve(text);
  });
  socket.on('error', () => resolve(''));
  socket.on('close', () => resolve(''));
  return promise.finally(() => plain.destroy());
}
