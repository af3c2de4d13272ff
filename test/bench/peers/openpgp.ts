import {
  createMessage,
  decrypt,
  encrypt,
  enums,
  generateKey,
  type PartialConfig,
  readMessage,
  readPrivateKey,
} from 'openpgp';
import type { Job, Run } from '../src/envelope/engine.ts';
import { webStream } from './file-stream.ts';
import { keyFile } from './key-file.ts';

const CONFIG: Readonly<Record<string, PartialConfig>> = {
  /** AES-256 in CFB with a SHA-1 check, which any OpenPGP reader opens. */
  default: {},
  /** RFC 9580; its documentation calls this the faster one. */
  gcm: { aeadProtect: true, preferredAEADAlgorithm: enums.aead.gcm },
};

/** One RSA 2048 key. Streams; but opening without AEAD gives nothing out before all is verified, and so holds it all. */
export async function prepare({ operation, input, keys, setting }: Job): Promise<Run> {
  const config = CONFIG[setting] ?? {};
  const armoredKey = await keyFile(keys, `openpgp-${setting}.asc`, async () => {
    const userIDs = [{ name: 'Bench', email: 'bench@example.com' }];
    return (await generateKey({ type: 'rsa', rsaBits: 2048, userIDs, format: 'armored', config })).privateKey;
  });
  const key = await readPrivateKey({ armoredKey });
  const convert = async (): Promise<AsyncIterable<Uint8Array>> => {
    if (operation === 'seal') {
      const message = await createMessage({ binary: webStream(input) });
      return await encrypt({ message, encryptionKeys: key.toPublic(), format: 'binary', config });
    }
    const message = await readMessage({ binaryMessage: webStream(input), config });
    return (await decrypt({ message, decryptionKeys: key, format: 'binary', config })).data;
  };
  return async (output) => {
    for await (const piece of await convert()) output.write(piece);
  };
}
