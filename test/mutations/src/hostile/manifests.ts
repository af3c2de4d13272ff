import { parseManifest } from '@sealtrack/envelope/manifest';
import { loadRecording } from '../originals.ts';
import { type HostileCase, MIB, refused } from './hostile-case.ts';

const { json } = await loadRecording('cms/one-recipient');
const text = json.toString();
const SIZE = 16 * MIB;

/** The manifest with a piece over and over at a place in it. */
function withMuch(before: RegExp, open: string, piece: string, close = ''): Buffer {
  const [found = ''] = before.exec(text) ?? [];
  const at = text.indexOf(found) + found.length;
  const start = Buffer.from(text.slice(0, at) + open);
  const end = Buffer.from(close + text.slice(at));
  const size = SIZE - (SIZE % piece.length);
  const bytes = Buffer.allocUnsafeSlow(start.length + size + end.length);
  start.copy(bytes);
  bytes.fill(piece, start.length);
  end.copy(bytes, start.length + size);
  return bytes;
}
const invalid = (name: string, make: () => Buffer): HostileCase =>
  refused(`manifest: ${name}`, 'MANIFEST_INVALID', () => parseManifest(make()));
const field = (name: string, open: string, piece: string, close: string) => (): Buffer =>
  withMuch(/\{/, `${JSON.stringify(name)}:${open}`, piece, `${close},`);
const inString = (name: string, piece: string) => (): Buffer =>
  withMuch(new RegExp(`"${name}": "`), '', piece);

const SIZES = ['1e999', '9007199254740993', `1${'0'.repeat(1000)}`, '-1', '0.5', '1e15', `${2 ** 53 - 1}`];

export const HOSTILE_MANIFESTS: readonly HostileCase[] = [
  invalid('16 MiB of empty arrays', field('more', '[', '[],', '[]]')),
  invalid('16 MiB of empty objects as media', field('media', '[', '{},', '{}]')),
  invalid('16 MiB of arrays in each other', field('more', '', '[', ']')),
  invalid('16 MiB of attributes', field('attributes', '{', '"a":"",', '"b":""}')),
  invalid('16 MiB of numbers', field('more', '[', '1e9,', '0]')),
  invalid('16 MiB of empty strings', field('more', '[', '"",', '0]')),
  invalid('16 MiB of quotes that are escaped', field('more', '"', '\\"', '')),
  invalid('16 MiB of one number', () => withMuch(/"plaintextSize": /, '', '9')),
  ...[
    'recordingId',
    'startedAt',
    'fingerprint',
    'contentType',
    'pkcs7',
    'tags',
    'checksum',
    'ciphertext',
  ].map((name) => invalid(`16 MiB more of ${name}`, inString(name, '0'))),
  invalid('16 MiB of white space in an envelope', inString('pkcs7', ' ')),
  invalid('16 MiB of fractions of a second', inString('startedAt', '2026-01-01T00:00:00.0')),
  ...SIZES.map((size) =>
    invalid(`${size.slice(0, 20)} bytes`, () =>
      Buffer.from(text.replace(/("(?:plain|cipher)textSize"): \d+/g, `$1: ${size}`)),
    ),
  ),
  refused('manifest: more than 64 MiB', 'MANIFEST_INVALID', () =>
    parseManifest(Buffer.alloc(64 * MIB + 1, '[')),
  ),
  {
    name: 'manifest: 90,000 values in a field that is not known',
    run() {
      const more = Buffer.from(text.replace('{', `{"more":[${'[],'.repeat(45_000)}0],`));
      return `${parseManifest(more).media.length} read`;
    },
  },
];
