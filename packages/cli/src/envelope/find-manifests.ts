import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';

/** Files of one folder that scrubbing is about, or why there are none. Paths are as deep as the one given. */
export interface FolderListing {
  readonly folder: string;
  /** What may be a manifest: every file that is called .json. */
  readonly manifests: readonly string[];
  /** What the media store calls a ciphertext, or media in clear. */
  readonly ciphertexts: readonly string[];
  /** Links to folders are not followed: they may lead in circles. */
  readonly passedOver: readonly string[];
  /** When the folder could not be read. */
  readonly error?: unknown;
}

/** The folder and all below it, in order of their names. Memory grows with the largest folder, not with the tree. */
export async function* findManifests(folder: string): AsyncGenerator<FolderListing> {
  const listing = {
    folder,
    manifests: [] as string[],
    ciphertexts: [] as string[],
    passedOver: [] as string[],
  };
  let entries: Dirent[];
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    yield { ...listing, error };
    return;
  }
  const folders: string[] = [];
  // Drafts that are being written begin with a dot.
  for (const entry of entries.filter(({ name }) => !name.startsWith('.')).sort(byName)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) folders.push(path);
    else if (entry.isSymbolicLink() && (await isFolder(path))) listing.passedOver.push(path);
    else if (extname(entry.name) === '.json') listing.manifests.push(path);
    else if (MEDIA.includes(extname(entry.name))) listing.ciphertexts.push(path);
  }
  yield listing;
  for (const below of folders) yield* findManifests(below);
}

const MEDIA = ['.enc', '.clear'];

const byName = (a: Dirent, b: Dirent): number => (a.name < b.name ? -1 : 1);

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (facts) => facts.isDirectory(),
    () => false,
  );
