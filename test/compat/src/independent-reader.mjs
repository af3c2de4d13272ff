/*
 * Opens a recording with what docs/envelope.md says and nothing else: it imports nothing of the product, so that the
 * document stays enough to write a reader from. A § is a section of it.
 *
 *   node independent-reader.mjs recording.json tenant.key tenant.pem [--media ID] [--range FROM-TO] > plaintext
 *
 * FROM is the first byte, TO the one behind the last.
 */
import {
  constants,
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  privateDecrypt,
  randomBytes,
  timingSafeEqual,
  X509Certificate,
} from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';

const SEGMENT = 262144;

class DecryptionFailed extends Error {}

/** The one element at `at`, with definite lengths only: an envelope of a suite is DER (§4). */
function element(bytes, at = 0) {
  const digits = bytes[at + 1] < 0x80 ? 0 : bytes[at + 1] - 0x80;
  const start = at + 2 + digits;
  const size = digits === 0 ? bytes[at + 1] : bytes.readUIntBE(at + 2, digits);
  return { raw: bytes.subarray(at, start + size), content: bytes.subarray(start, start + size) };
}

function children({ content }) {
  const found = [];
  for (let at = 0; at < content.length; at += found.at(-1).raw.length) found.push(element(content, at));
  return found;
}

const fromPem = (pem) => Buffer.from(pem.replace(/-----[^\n]*-----|\s/g, ''), 'base64');

/** §3 and §4: what is a suite's own. */
const SUITES = {
  pkcs7: {
    info: 'sealtrack/v1 AES-256-CBC',
    ciphertextSize: (size) => (Math.floor(size / 16) + 1) * 16,
    iv: (parameters) => parameters.content,
    padding: { padding: constants.RSA_PKCS1_PADDING },
    decrypt: (dek, _iv, _i, previous, segment, isLast) => {
      const decipher = createDecipheriv('aes-256-cbc', dek, previous).setAutoPadding(isLast);
      return Buffer.concat([decipher.update(segment), decipher.final()]);
    },
  },
  cms: {
    info: 'sealtrack/v1 AES-256-GCM',
    ciphertextSize: (size) => size,
    iv: (parameters) => children(parameters)[0].content,
    padding: { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' },
    decrypt: (dek, iv, i, _previous, segment) => {
      const counter = Buffer.concat([iv, uint(2 + 16384 * i, 4)]);
      return createDecipheriv('aes-256-ctr', dek, counter).update(segment);
    },
  },
};

const uint = (value, size) => Buffer.from(value.toString(16).padStart(2 * size, '0'), 'hex');

/** §4: the encrypted key of the recipient with the certificate's issuer and serial number, and the IV. */
function readEnvelope(der, certificate, suite) {
  const [, explicit] = children(element(der));
  const [, recipients, info] = children(children(explicit)[0]);
  const [, contentEncryption] = children(info);
  const [, serial, , issuer] = children(children(element(certificate.raw))[0]);
  const name = Buffer.concat([issuer.raw, serial.raw]);
  const matches = children(recipients).filter((each) => children(each)[1].content.equals(name));
  if (matches.length !== 1) throw new Error('the recording is not encrypted to this certificate');
  return { encryptedKey: children(matches[0])[3].content, iv: suite.iv(children(contentEncryption)[1]) };
}

/** §4: whatever is wrong, there is a key of 32 bytes. */
function decryptKey(key, padding, encryptedKey) {
  try {
    const dek = privateDecrypt({ key, ...padding }, encryptedKey);
    return dek.length === 32 ? dek : randomBytes(32);
  } catch {
    return randomBytes(32);
  }
}

function check(isRight) {
  if (!isRight) throw new DecryptionFailed('DECRYPTION_FAILED');
}

const same = (a, b) => a.length === b.length && timingSafeEqual(a, b);

/** §5 */
function segmentTag(key, i, isLast, previous, segment) {
  const nonce = Buffer.concat([uint(i, 11), uint(isLast ? 1 : 0, 1)]);
  const mac = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 });
  mac.setAAD(previous).setAAD(segment).final();
  return mac.getAuthTag();
}

/** §7, given out piece by piece. */
function* open(manifest, media, key, certificate, read, range) {
  const suite = SUITES[media.suite];
  const { plaintextSize, ciphertextSize } = media;
  const envelope = fromPem(media.pkcs7);
  const { encryptedKey, iv } = readEnvelope(envelope, certificate, suite);
  const dek = decryptKey(key, suite.padding, encryptedKey);
  const salt = Buffer.concat([iv, Buffer.from(media.tagSalt ?? '', 'hex')]);
  const keys = Buffer.from(hkdfSync('sha256', dek, salt, suite.info, 64));
  const texts = [manifest.tenantId, manifest.recordingId, media.mediaId, media.contentType].map((text) =>
    Buffer.from(text),
  );
  const fields = [envelope, uint(plaintextSize, 8), uint(ciphertextSize, 8), ...texts];
  const mac = createHmac('sha256', keys.subarray(32));
  for (const field of fields) mac.update(uint(field.length, 8)).update(field);
  check(same(Buffer.from(media.envelopeMac, 'hex'), mac.digest()));

  const tags = Buffer.from(media.tags, 'base64');
  const count = Math.max(1, Math.ceil(ciphertextSize / SEGMENT));
  check(ciphertextSize === suite.ciphertextSize(plaintextSize) && tags.length === 16 * count);

  const [from, to] = range ?? [0, plaintextSize];
  const last = to === plaintextSize ? count - 1 : Math.floor((to - 1) / SEGMENT);
  for (let i = Math.min(Math.floor(from / SEGMENT), last); i <= last; i++) {
    const start = i * SEGMENT;
    const previous = i === 0 ? Buffer.concat([Buffer.alloc(16 - iv.length), iv]) : read(start - 16, 16);
    const segment = read(start, Math.min(SEGMENT, ciphertextSize - start));
    const isLast = i === count - 1;
    const tag = segmentTag(keys.subarray(0, 32), i, isLast, previous, segment);
    check(same(tag, tags.subarray(16 * i, 16 * i + 16)));
    const plaintext = suite.decrypt(dek, iv, i, previous, segment, isLast);
    if (isLast) check(start + plaintext.length === plaintextSize);
    yield plaintext.subarray(Math.max(0, from - start), Math.max(0, to - start));
  }
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { media: { type: 'string' }, range: { type: 'string' } },
});
const [manifestFile, keyFile, certificateFile] = positionals;
const manifest = JSON.parse(readFileSync(manifestFile, 'utf8'));
if (manifest.format !== 'sealtrack.recording.v1') throw new Error(`unknown format ${manifest.format}`);
const media = manifest.media.find(({ mediaId }) => mediaId === (values.media ?? manifest.media[0].mediaId));
const certificate = new X509Certificate(readFileSync(certificateFile));
const file = openSync(join(dirname(manifestFile), media.ciphertext));
const read = (offset, length) => {
  const bytes = Buffer.alloc(length);
  check(length === 0 || readSync(file, bytes, 0, length, offset) === length);
  return bytes;
};
try {
  const range = values.range?.split('-').map(Number);
  for (const piece of open(manifest, media, readFileSync(keyFile), certificate, read, range)) {
    for (let at = 0; at < piece.length; ) at += writeSync(1, piece, at);
  }
} catch (error) {
  console.error(error instanceof DecryptionFailed ? error.message : String(error));
  process.exitCode = 1;
} finally {
  closeSync(file);
}
