import type { Effort } from './bytes/mutate-bytes.ts';
import {
  bert,
  FOREIGN,
  loadFile,
  loadForeign,
  loadMedia,
  loadRecording,
  loadWithAttributes,
  type Original,
} from './originals.ts';
import type { Target } from './target.ts';
import { claimedSizes } from './targets/claimed-sizes.ts';
import { crossedParts } from './targets/crossed-parts.ts';
import { file } from './targets/files.ts';
import { manifest } from './targets/manifests.ts';
import { bitsOfSegments, orderOfSegments } from './targets/several-segments.ts';
import { ciphertext, tags } from './targets/tagged-ciphertexts.ts';
import { taggedEnvelope } from './targets/tagged-envelopes.ts';
import { envelopeMac, names, sizes } from './targets/tagged-fields.ts';
import { untaggedCiphertext, untaggedEnvelope } from './targets/untagged.ts';

const EVERYTHING: Effort = { flipEvery: 1, cutEvery: 1, random: 200 };
const SOME: Effort = { flipEvery: 5, cutEvery: 5, random: 200 };
const FEW: Effort = { flipEvery: 17, cutEvery: 17, random: 120 };

export const GROUPS = {
  tagged: taggedTargets,
  segments: segmentTargets,
  untagged: untaggedTargets,
  files: fileTargets,
  manifests: manifestTargets,
} satisfies Record<string, () => Promise<readonly Target[]>>;

/** Each with the one after it: something valid of the same kind. */
const inPairs = (originals: readonly Original[]): (readonly [Original, Original])[] =>
  originals.flatMap((each, i) => {
    const next = originals[(i + 1) % originals.length];
    return next === undefined ? [] : [[each, next] as const];
  });

async function taggedTargets(): Promise<readonly Target[]> {
  const names2 = ['pkcs7/one-recipient', 'cms/one-recipient'];
  const [small, larger, foreign] = await Promise.all([
    Promise.all(names2.map((name) => loadMedia(name))),
    Promise.all(['pkcs7/three-recipients', 'cms/three-recipients'].map((name) => loadMedia(name))),
    Promise.all(FOREIGN.map(loadForeign)),
  ]);
  return [
    ...inPairs(small).flatMap(([own, other]) => [
      taggedEnvelope(own, other, EVERYTHING),
      ciphertext(own, other, EVERYTHING),
      sizes(own),
      envelopeMac(own, other, EVERYTHING),
      names(own, 2000),
      tags(own, other, EVERYTHING),
    ]),
    ...inPairs(larger).map(([own, other]) => taggedEnvelope(own, other, FEW)),
    ...inPairs(foreign).flatMap(([own, other], i) => [
      // The others are written in the same way.
      ...(i % 2 === 0 ? [] : [taggedEnvelope(own, other, FEW)]),
      ciphertext(own, other, FEW),
    ]),
  ];
}

async function segmentTargets(): Promise<readonly Target[]> {
  const load = (suite: string) => loadMedia(`${suite}/two-segments-and-more`, bert);
  const recordings = await Promise.all(['pkcs7', 'cms'].map(load));
  return inPairs(recordings).flatMap(([own, other]) => [
    bitsOfSegments(own, 4000),
    orderOfSegments(own, other, 500),
    claimedSizes(own, 300),
    tags(own, other, SOME),
  ]);
}

async function untaggedTargets(): Promise<readonly Target[]> {
  const foreign = await Promise.all(FOREIGN.map(loadForeign));
  const genesys = await loadMedia('genesys');
  const withAttributes = await loadWithAttributes();
  const all = [...foreign, genesys, withAttributes];
  const alone = inPairs(all).flatMap(([own, other]) => [
    untaggedEnvelope(own, other, FEW),
    untaggedCiphertext(own, other, FEW),
  ]);
  return [...alone, crossedParts(foreign)];
}

async function fileTargets(): Promise<readonly Target[]> {
  const ours = ['pkcs7/one-recipient', 'cms/one-recipient'].map(async (name) => {
    const original = await loadMedia(name);
    return file(`${name}/main.p7m`, original, loadFile('foreign/aes-256-cbc.der'), SOME);
  });
  const theirs = FOREIGN.map(async (name, i) => {
    const other = FOREIGN[(i + 1) % FOREIGN.length] ?? name;
    return file(name, await loadForeign(name), loadFile(other), FEW);
  });
  return Promise.all([...ours, ...theirs]);
}

async function manifestTargets(): Promise<readonly Target[]> {
  const names3 = [
    'pkcs7/one-recipient',
    'cms/one-recipient',
    'pkcs7/three-recipients',
    'cms/three-recipients',
  ];
  const [pkcs7, cms, pkcs7Both, cmsBoth] = await Promise.all(names3.map((name) => loadRecording(name)));
  if (!pkcs7 || !cms || !pkcs7Both || !cmsBoth) return [];
  return [
    manifest(pkcs7, pkcs7Both, SOME),
    manifest(cms, cmsBoth, EVERYTHING),
    manifest(pkcs7Both, cmsBoth, FEW),
    manifest(cmsBoth, cms, FEW),
  ];
}
