import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What lies in the media store for one tenant, as somebody sees it who opens the folder. */
export interface MediaFolder {
  /** Ids with a manifest whose ciphertext is there, in order. */
  readonly recordings: readonly string[];
  /** Manifests that name a ciphertext that is not there. */
  readonly broken: readonly string[];
  /** Ciphertext that no manifest names and no mark either: nobody would ever remove it. */
  readonly orphans: readonly string[];
  /** Ciphertext that only a mark names: what an attempt left that died, to be removed in a day. */
  readonly unfinished: readonly string[];
  /** Marks of recordings that are stored: their event is still to be said. */
  readonly unsaid: readonly string[];
  /** Marks of attempts that stored nothing. */
  readonly marks: readonly string[];
  /** Hidden files of creates that are under way, or died. */
  readonly temporaries: readonly string[];
}

interface Mark {
  readonly manifestKey: string;
  readonly ciphertextKey: string;
}

export async function readMediaFolder(root: string, tenantId: string): Promise<MediaFolder> {
  const prefix = `recordings/${tenantId}/`;
  // Marks first: one that is read belongs to an attempt whose files, if it has any, are read after it.
  const marks = (await readMarks(root)).filter(({ manifestKey }) => manifestKey.startsWith(prefix));
  const files = (await filesBelow(root, prefix)).sort();
  const manifests = files.filter((file) => file.endsWith('/recording.json'));
  const named = new Set<string>();
  const recordings: string[] = [];
  const broken: string[] = [];
  for (const key of manifests) {
    const manifest = JSON.parse(await readFile(join(root, key), 'utf8'));
    const ciphertexts = manifest.media.map((media: { ciphertext: string }) =>
      key.replace(/[^/]*$/, media.ciphertext),
    );
    for (const ciphertext of ciphertexts) named.add(ciphertext);
    const whole = ciphertexts.every((ciphertext: string) => files.includes(ciphertext));
    (whole ? recordings : broken).push(manifest.recordingId);
  }
  const unnamed = files.filter((file) => /\.(enc|clear)$/.test(file) && !named.has(file));
  const marked = new Set(marks.map(({ ciphertextKey }) => ciphertextKey));
  return {
    recordings: recordings.sort(),
    broken,
    orphans: unnamed.filter((file) => !marked.has(file)),
    unfinished: unnamed.filter((file) => marked.has(file)),
    unsaid: [...marked].filter((key) => named.has(key)),
    marks: [...marked].filter((key) => !named.has(key)),
    temporaries: files.filter((file) => file.includes('/.creating-')),
  };
}

async function readMarks(root: string): Promise<Mark[]> {
  const names = (await listing(join(root, 'attempts'))).filter((name) => !name.startsWith('.'));
  const marks = await Promise.all(names.map((name) => readMark(join(root, 'attempts', name))));
  return marks.filter((mark) => mark !== undefined);
}

async function readMark(path: string): Promise<Mark | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Mark;
  } catch (error) {
    // Removed meanwhile, which is what becomes of marks.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function filesBelow(root: string, folder: string): Promise<string[]> {
  const found = await Promise.all(
    (await listing(join(root, folder))).map(async (name) =>
      /[.]/.test(name) ? [folder + name] : filesBelow(root, `${folder}${name}/`),
    ),
  );
  return found.flat();
}

async function listing(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
