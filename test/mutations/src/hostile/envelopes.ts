import { element, octetString, oid, sequence, TAG } from '@sealtrack/certificates/der';
import { encodeContentInfo } from '@sealtrack/envelope/encode-envelope';
import { parseEnvelope } from '@sealtrack/envelope/envelope';
import { readStructure } from '@sealtrack/envelope/envelope-structure';
import { inspectEnvelope } from '@sealtrack/envelope/inspect';
import { splicePkcs7 } from '@sealtrack/envelope/splice';
import { indefinite, mutateDer } from '../bytes/mutate-der.ts';
import { attempt } from '../judge.ts';
import { loadMedia } from '../originals.ts';
import { type HostileCase, MIB, refused } from './hostile-case.ts';

const { media } = await loadMedia('pkcs7/one-recipient');
const { parts, recipientInfos } = readStructure(media.envelope);
const recipient = recipientInfos[0]?.raw ?? Buffer.alloc(0);
const [version = Buffer.alloc(0)] = parts.head;
const withRecipients = (set: Buffer): Buffer => encodeContentInfo({ ...parts, head: [version, set] });
const ROOM = MIB - 1000;
const fill = (...bytes: readonly number[]): Buffer =>
  Buffer.alloc(ROOM - (ROOM % bytes.length), Buffer.from(bytes));

/** As deep as 1 MiB goes. */
const nested = (tag: number): Buffer => {
  let inner: Buffer = Buffer.alloc(0);
  while (inner.length < 60_000) inner = element(tag, inner);
  return inner;
};

/** Half a million elements in the one place that is read again for every element around it. */
function deepInAnAlgorithm(): Buffer {
  const hash = indefinite(TAG.sequence, Buffer.concat([oid('2.16.840.1.101.3.4.2.1'), fill(5, 0)]));
  const parameters = indefinite(TAG.sequence, indefinite(0xa0, hash));
  const algorithm = indefinite(TAG.sequence, Buffer.concat([oid('1.2.840.113549.1.1.7'), parameters]));
  const id = sequence(sequence(), version);
  const info = indefinite(
    TAG.sequence,
    Buffer.concat([version, id, algorithm, octetString(Buffer.alloc(0))]),
  );
  const { contentInfoType, contentType, contentEncryption } = parts;
  const content = sequence(contentType, contentEncryption);
  const data = indefinite(TAG.sequence, Buffer.concat([version, indefinite(TAG.set, info), content]));
  return indefinite(TAG.sequence, Buffer.concat([oid(contentInfoType), indefinite(0xa0, data)]));
}

const readAll = (der: Buffer): void => {
  attempt(() => splicePkcs7(der, 2 ** 40), 'ENVELOPE_INVALID');
  attempt(() => inspectEnvelope(der), 'ENVELOPE_INVALID');
  parseEnvelope(der);
};
const invalid = (name: string, der: Buffer): HostileCase =>
  refused(`envelope: ${name}`, 'ENVELOPE_INVALID', () => readAll(der));

const BEGIN = '-----BEGIN PKCS7-----\n';
const pem = (text: string): Buffer => Buffer.from(BEGIN + text);

export const HOSTILE_ENVELOPES: readonly HostileCase[] = [
  invalid('1 MiB of indefinite lengths in each other', fill(0x30, 0x80)),
  invalid(
    '1 MiB of indefinite lengths as recipients',
    withRecipients(Buffer.concat([Buffer.of(0x31, 0x80), fill(0x30, 0x80)])),
  ),
  invalid('half a million empty recipients', withRecipients(element(TAG.set, fill(0x30, 0)))),
  invalid(
    'half a million empty recipients in an indefinite length',
    withRecipients(indefinite(TAG.set, fill(0x30, 0))),
  ),
  invalid(
    '257 recipients',
    withRecipients(element(TAG.set, ...Array.from({ length: 257 }, () => recipient))),
  ),
  invalid(
    '3000 recipients',
    withRecipients(element(TAG.set, ...Array.from({ length: 3000 }, () => recipient))),
  ),
  invalid('definite lengths 20,000 deep', withRecipients(element(TAG.set, nested(TAG.sequence)))),
  invalid('1 MiB of nothing', fill(5, 0)),
  invalid('1 MiB of lengths of 2^47', fill(0x30, 0x86, 0x80, 0, 0, 0, 0, 0)),
  invalid('1 MiB and a byte', Buffer.alloc(MIB + 1, 0x30)),
  invalid('1 MiB of white space in PEM', pem(' '.repeat(ROOM))),
  invalid('1 MiB of padding in PEM', pem(`${'='.repeat(ROOM)}\n-----END PKCS7-----`)),
  invalid('1 MiB of lines that begin', Buffer.from(BEGIN.repeat(ROOM / BEGIN.length))),
  {
    name: 'envelope: 256 recipients',
    run: () =>
      `${inspectEnvelope(withRecipients(element(TAG.set, ...Array.from({ length: 256 }, () => recipient)))).recipients.length} read`,
  },
  invalid('half a million elements deep in an algorithm', deepInAnAlgorithm()),
  {
    name: 'envelope: lengths that lie, in every element',
    run() {
      let count = 0;
      for (const { bytes } of mutateDer(media.envelope)) {
        attempt(() => readAll(bytes), 'ENVELOPE_INVALID');
        count += 1;
      }
      return `${count} read or refused`;
    },
  },
];
