import { createCipheriv, createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseCertificate } from '@sealtrack/certificates/certificate';
import { contextTag, element, octetString, oid, sequence, setOf, TAG } from '@sealtrack/certificates/der';
import { decodeArmor } from '@sealtrack/envelope/armor';
import { encodeContentInfo } from '@sealtrack/envelope/encode-envelope';
import { parseEnvelope } from '@sealtrack/envelope/envelope';
import { readStructure } from '@sealtrack/envelope/envelope-structure';
import { type Manifest, parseManifest, sealedMedia, taggedMedia } from '@sealtrack/envelope/manifest';
import { openMedia } from '@sealtrack/envelope/open-media';
import type { TaggedMedia } from '@sealtrack/envelope/sealed-media';
import { tagMedia } from '@sealtrack/envelope/tag-media';
import { unsplice } from '@sealtrack/envelope/unsplice';
import { createStore, inChunks } from './store.ts';
import { createUnwrap } from './unwrap.ts';

/** Frozen bytes, so that every run mutates the same ones. */
const VECTORS = join(import.meta.dirname, '../../vectors/envelope');
const read = (...path: readonly string[]): Buffer => readFileSync(join(VECTORS, ...path));

export function loadOwner(name: 'anna' | 'bert') {
  const certificate = parseCertificate(read('keys', `${name}.pem`));
  const privateKey = createPrivateKey(read('keys', `${name}.TEST-ONLY.key`));
  return { certificate, unwrap: createUnwrap({ certificate, privateKey }) };
}
export const anna = loadOwner('anna');
export const bert = loadOwner('bert');
export type Owner = typeof anna;

/** Media that opens as it is. */
export interface Original {
  readonly name: string;
  readonly owner: Owner;
  readonly media: TaggedMedia;
  readonly ciphertext: Buffer;
  readonly plaintext: Buffer;
  readonly dek: Buffer;
}

/** As the vectors' README says: byte n is n mod 251, exclusive or floor(n / 251) mod 256. */
const plaintextOf = (size: number): Buffer =>
  Buffer.from(Uint8Array.from({ length: size }, (_, n) => (n % 251) ^ (Math.floor(n / 251) % 256)));

async function createOriginal(
  name: string,
  owner: Owner,
  media: TaggedMedia,
  ciphertext: Buffer,
): Promise<Original> {
  const dek = await owner.unwrap(media.envelope);
  const plaintext = plaintextOf(media.plaintextSize);
  const store = createStore(ciphertext, 65_536);
  const opened = Buffer.concat(await Array.fromAsync(openMedia(media, dek, store.read)));
  if (!opened.equals(plaintext)) throw new Error(`${name} does not open`);
  return { name, owner, media, ciphertext, plaintext, dek };
}

export interface Recording {
  readonly name: string;
  readonly owner: Owner;
  readonly json: Buffer;
  readonly manifest: Manifest;
  readonly media: readonly Original[];
}

/** One that was sealed here: `cms/one-recipient`. */
export async function loadRecording(name: string, owner: Owner = anna): Promise<Recording> {
  const json = read(name, 'recording.json');
  const manifest = parseManifest(json);
  const media = await Promise.all(
    manifest.media.map((each) =>
      createOriginal(name, owner, taggedMedia(manifest, sealedMedia(each)), read(name, each.ciphertext)),
    ),
  );
  return { name, owner, json, manifest, media };
}

/** The first media file of a recording. */
export async function loadMedia(name: string, owner: Owner = anna): Promise<Original> {
  const [first] = (await loadRecording(name, owner)).media;
  if (first === undefined) throw new Error(`${name} has no media`);
  return first;
}

/** A file as others read and write it, for anna: `foreign/aes-192-cbc.der`. */
export const loadFile = (name: string): Buffer => read(name);

/** What is in such a file, with tags. */
export async function loadForeign(name: string): Promise<Original> {
  const { ciphertext, envelope } = await unsplice(decodeArmor(inChunks(loadFile(name), 1000)));
  const content = Buffer.concat(await Array.fromAsync(ciphertext ?? []));
  const dek = await anna.unwrap(envelope());
  const media = await tagMedia(envelope(), dek, inChunks(content, 1000), ['tenant', 'recording']);
  return createOriginal(name, anna, media, content);
}

/** With authenticated attributes, which OpenSSL does not write. */
export async function loadWithAttributes(): Promise<Original> {
  const { media, dek } = await loadMedia('cms/one-recipient');
  const { parts } = readStructure(media.envelope);
  const [nonce, plaintext] = [Buffer.alloc(12, 'nonce'), plaintextOf(700)];
  const authAttributes = setOf(sequence(oid('1.2.840.113549.1.9.3'), setOf(oid('1.2.840.113549.1.7.1'))));
  const { cipher } = parseEnvelope(media.envelope);
  const encryptor = createCipheriv('aes-256-gcm', dek, nonce, { authTagLength: 16 }).setAAD(authAttributes);
  const ciphertext = Buffer.concat([encryptor.update(plaintext), encryptor.final()]);
  const attributes = Buffer.concat([Buffer.of(contextTag(1, true)), authAttributes.subarray(1)]);
  const more = element(contextTag(2, true), sequence(oid('1.2.3'), setOf(element(TAG.null))));
  const envelope = encodeContentInfo({
    ...parts,
    contentEncryption: sequence(
      oid(cipher === 'AES-256-GCM' ? '2.16.840.1.101.3.4.1.46' : ''),
      sequence(octetString(nonce), Buffer.of(TAG.integer, 1, 16)),
    ),
    tail: [attributes, octetString(encryptor.getAuthTag()), more],
  });
  const tagged = await tagMedia(envelope, dek, inChunks(ciphertext, 1000), ['tenant', 'recording']);
  return createOriginal('AES-256-GCM with attributes', anna, tagged, ciphertext);
}

export const FOREIGN = [
  'aes-128-cbc-stream.pem',
  'aes-128-gcm-keyid-stream.ber',
  'aes-192-cbc.der',
  'aes-192-gcm.pem',
  'aes-256-cbc-stream.ber',
  'aes-256-cbc.der',
  'aes-256-gcm-oaep-sha1.der',
  'des-ede3-cbc.eml',
].map((name) => `foreign/${name}`);
