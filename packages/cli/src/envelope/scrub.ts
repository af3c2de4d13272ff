import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { type FolderListing, findManifests } from './find-manifests.ts';
import { type ScrubbedRecording, type ScrubOptions, scrubRecording, whatIsWrong } from './scrub-recording.ts';

/** What scrubbing has to say, in the order in which it comes upon it. */
export type Finding =
  | { readonly kind: 'recording'; readonly recording: ScrubbedRecording }
  /** Something other than a recording is wrong. */
  | { readonly kind: 'problem'; readonly file: string; readonly problem: string }
  /** Nothing is wrong with what is kept, but somebody should look at it. */
  | { readonly kind: 'warning'; readonly file: string; readonly warning: string };

/** Manifests, and folders with all below them. Needs no key, stops at no damage, and holds one recording at a time. */
export async function* scrub(paths: readonly string[], options: ScrubOptions): AsyncGenerator<Finding> {
  for (const path of paths) {
    if (!(await stat(path)).isDirectory()) {
      const recording = await scrubRecording(path, { ...options, isManifest: true });
      if (recording !== undefined) yield { kind: 'recording', recording };
      continue;
    }
    let recordings = 0;
    for await (const listing of findManifests(path))
      for await (const finding of scrubFolder(listing, options)) {
        if (finding.kind === 'recording') recordings += 1;
        yield finding;
      }
    // A disk that is not mounted must not pass for a store without damage.
    if (recordings === 0) yield { kind: 'problem', file: path, problem: 'has no recording in it' };
  }
}

async function* scrubFolder(listing: FolderListing, options: ScrubOptions): AsyncGenerator<Finding> {
  if (listing.error !== undefined)
    yield { kind: 'problem', file: listing.folder, problem: whatIsWrong(listing.error) };
  for (const file of listing.passedOver)
    yield {
      kind: 'warning',
      file,
      warning: 'is a link to a folder, which was passed over: give that as well',
    };

  const named = new Set<string>();
  let isComplete = true;
  for (const path of listing.manifests) {
    const recording = await scrubRecording(path, options);
    if (recording === undefined) continue;
    for (const name of recording.ciphertexts ?? []) named.add(name);
    isComplete &&= recording.ciphertexts !== undefined;
    yield { kind: 'recording', recording };
  }
  // Whose ciphertexts they are, a damaged manifest does not say.
  if (!isComplete) return;
  for (const file of listing.ciphertexts)
    if (!named.has(basename(file)))
      yield { kind: 'warning', file, warning: 'is media that no manifest in its folder names' };
}
