import { decryptKeyHere } from '@sealtrack/envelope/decrypt-key';
import { createKeyDecryptionPool } from '@sealtrack/envelope/key-decryption-pool';
import { PKCS1_V1_5 } from '@sealtrack/envelope/key-transport';
import { rounded, type Verdict } from '../verdict.ts';
import { checkCbc, checkGcm, createReader, type Reader } from './aes.ts';
import { readVectors, type Vectors } from './read-vectors.ts';
import { checkRsa, type Engines, importKey, oaepTransport } from './rsa.ts';

/**
 * Every case of the files (github.com/C2SP/wycheproof) through the product's own code: RSA as a session key is decrypted, on
 * this thread and in the pool; AES as a file of somebody else's is opened. Throws INVALID_ARGUMENT for a file that is none.
 */
export async function* runWycheproof(files: readonly string[]): AsyncGenerator<Verdict> {
  await using pool = createKeyDecryptionPool({ threads: 1 });
  const engines: Engines = { 'this thread': decryptKeyHere, pool: pool.decryptKey };
  const reader = await createReader(pool.decryptKey);
  const all = await Promise.all(files.map(readVectors));
  for (const vectors of all)
    for (const [{ tcId, comment, result }, check] of casesOf(vectors, engines, reader)) {
      const started = performance.now();
      const { got, reason } = await check();
      const ms = rounded(performance.now() - started);
      const why = [comment, reason].filter((text) => text !== '').join(': ');
      yield { id: `${vectors.name}/${tcId}`, expected: result, got, ms, reason: why };
    }
}

type Check = () => Promise<Pick<Verdict, 'got' | 'reason'>>;
type AnyCase = { readonly tcId: number; readonly comment: string; readonly result: string };

function* casesOf(vectors: Vectors, engines: Engines, reader: Reader): Generator<[AnyCase, Check]> {
  switch (vectors.algorithm) {
    case 'RSAES-PKCS1-v1_5':
      for (const group of vectors.groups) {
        const key = importKey(group);
        for (const each of group.tests) yield [each, () => checkRsa(each, PKCS1_V1_5, key, engines)];
      }
      return;
    case 'RSAES-OAEP':
      for (const group of vectors.groups) {
        const key = importKey(group);
        for (const each of group.tests)
          yield [each, () => checkRsa(each, oaepTransport(group, each), key, engines)];
      }
      return;
    case 'AES-GCM':
      for (const { tests } of vectors.groups)
        for (const each of tests) yield [each, () => checkGcm(each, reader)];
      return;
    case 'AES-CBC-PKCS5':
      for (const { tests } of vectors.groups)
        for (const each of tests) yield [each, () => checkCbc(each, reader)];
  }
}
