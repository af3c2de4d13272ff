import { parseEnvelope } from '@sealtrack/envelope/envelope';
import {
  type Manifest,
  parseManifest,
  type SealedManifestMedia,
  sealedMedia,
  serializeManifest,
  taggedMedia,
} from '@sealtrack/envelope/manifest';
import { type Effort, type Mutation, mutateBytes } from '../bytes/mutate-bytes.ts';
import { mutateJson } from '../bytes/mutate-json.ts';
import { attempt, attemptLater, must } from '../judge.ts';
import { openTagged } from '../open-tagged.ts';
import type { Original, Recording } from '../originals.ts';
import { createStore } from '../store.ts';
import type { Target } from '../target.ts';

/** Every bit of the JSON, and its values: what still opens opens as what it was sealed as, and to the same bytes. */
export const manifest = (recording: Recording, other: Recording, effort: Effort): Target => ({
  name: `manifest, ${recording.name}`,
  *mutants() {
    const { json } = recording;
    const mutations: Mutation[] = [
      ...mutateJson(json, other.json),
      ...mutateBytes(json, other.json, `manifest of ${recording.name}`, effort),
    ];
    for (const { what, bytes } of mutations)
      yield { what, bytes, check: () => checkManifest(recording, bytes) };
  },
});

async function checkManifest(recording: Recording, bytes: Buffer): Promise<string> {
  const parsed = attempt(() => parseManifest(bytes), 'MANIFEST_INVALID');
  if (parsed.code !== undefined) return parsed.code;
  const { result } = parsed;
  must(
    parseManifest(serializeManifest(result)).media.length === result.media.length,
    'read, and not written',
  );
  const endings = await Promise.all(
    result.media.map((each) => checkMedia(recording, result, sealedMedia(each))),
  );
  return [...new Set(endings)].toSorted().join(' and ');
}

async function checkMedia(
  recording: Recording,
  changed: Manifest,
  media: SealedManifestMedia,
): Promise<string> {
  const at = recording.manifest.media.findIndex((each) => each.ciphertext === media.ciphertext);
  const original = recording.media[at];
  if (original === undefined) return 'names another file';
  const envelope = attempt(() => parseEnvelope(media.envelope), 'ENVELOPE_INVALID');
  if (envelope.code !== undefined) return envelope.code;
  const unwrapped = await attemptLater(
    () => recording.owner.unwrap(envelope.result),
    'KEY_NOT_HELD',
    'ENVELOPE_INVALID',
  );
  if (unwrapped.code !== undefined) return unwrapped.code;

  const store = createStore(original.ciphertext, 1000);
  const tagged = taggedMedia(changed, media);
  const range = { offset: 0, length: media.plaintextSize };
  const { size, code } = await openTagged(
    original,
    tagged,
    unwrapped.result,
    store,
    ['DECRYPTION_FAILED'],
    range,
  );
  const isSame = essenceOf(tagged) === essenceOf(original.media);
  must((code === undefined) === isSame, 'media opened as something else, or did not open as what it is');
  must(code === undefined || size === 0, 'bytes of media that is something else');
  return code ?? 'right';
}

/** All that opening stands on. */
const essenceOf = ({
  envelope,
  envelopeMac,
  plaintextSize,
  ciphertextSize,
  tags,
  boundTo,
}: Original['media']): string =>
  JSON.stringify([envelope, envelopeMac, plaintextSize, ciphertextSize, tags, boundTo]);
