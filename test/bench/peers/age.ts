import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import type { Job, Run } from '../src/envelope/engine.ts';
import { webStream } from './file-stream.ts';
import { keyFile } from './key-file.ts';

/** One X25519 recipient: age has no RSA. */
export async function prepare({ operation, input, keys }: Job): Promise<Run> {
  const identity = await keyFile(keys, 'age.key', generateX25519Identity);
  const recipient = await identityToRecipient(identity);
  const convert = async (): Promise<AsyncIterable<Uint8Array>> => {
    if (operation === 'seal') {
      const encrypter = new Encrypter();
      encrypter.addRecipient(recipient);
      return await encrypter.encrypt(webStream(input));
    }
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    return await decrypter.decrypt(webStream(input));
  };
  return async (output) => {
    for await (const piece of await convert()) output.write(piece);
  };
}
