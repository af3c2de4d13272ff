import { writeOutputFile } from '../output-file.ts';

/**
 * A file that only its owner may read, replacing another only when told to. Zeroes `secret`. Throws OBJECT_EXISTS, STORE_FULL,
 * INVALID_ARGUMENT.
 */
export async function writeSecretOutput(path: string, secret: Buffer, force: boolean): Promise<void> {
  try {
    await writeOutputFile(path, once(secret), { force });
  } finally {
    secret.fill(0);
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
