import { useEffect, useState } from 'react';
import type { ReadCertificates } from '../certificate-files/read-certificate.ts';
import type { ReadKey } from '../certificate-files/read-key.ts';

/** What the crypto server takes; a larger file is none. */
const MAX_BYTES = 256 * 1024;

export interface Chosen<T> {
  readonly file: File | undefined;
  /** What is in it; undefined without one, or while it is being read. */
  readonly inside: T | undefined;
  readonly problem: string | undefined;
}

const NONE = { file: undefined, inside: undefined, problem: undefined };

/** Reads a file as soon as it is chosen, and forgets its bytes again. Readers are fetched when there is something to read. */
function useChosen<T>(file: File | undefined, read: (bytes: Uint8Array) => Promise<T>): Chosen<T> {
  const [chosen, setChosen] = useState<Chosen<T>>(NONE);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `read` is one of the two below.
  useEffect(() => {
    let isWanted = true;
    const say = (found: Omit<Chosen<T>, 'file'>) => {
      if (isWanted) setChosen({ file, ...found });
    };
    if (file === undefined) setChosen(NONE);
    else if (file.size > MAX_BYTES)
      say({
        inside: undefined,
        problem: `${file.name} is larger than 256 KiB, and no file of this kind is.`,
      });
    else void readInto(file, read).then(say);
    return () => {
      isWanted = false;
    };
  }, [file]);
  return chosen.file === file ? chosen : { ...NONE, file };
}

async function readInto<T>(
  file: File,
  read: (bytes: Uint8Array) => Promise<T>,
): Promise<Omit<Chosen<T>, 'file'>> {
  let bytes: Uint8Array | undefined;
  try {
    bytes = new Uint8Array(await file.arrayBuffer());
    return { inside: await read(bytes), problem: undefined };
  } catch {
    return {
      inside: undefined,
      problem: `${file.name} cannot be read: it is damaged, or cut short. Copy it again.`,
    };
  } finally {
    bytes?.fill(0);
  }
}

export const useChosenCertificate = (file: File | undefined): Chosen<ReadCertificates> =>
  useChosen(file, async (bytes) =>
    (await import('../certificate-files/read-certificate.ts')).readCertificates(bytes),
  );

export const useChosenKey = (file: File | undefined): Chosen<ReadKey> =>
  useChosen(file, async (bytes) => (await import('../certificate-files/read-key.ts')).readKey(bytes));
