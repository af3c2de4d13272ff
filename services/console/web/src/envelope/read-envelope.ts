import { fieldsOf } from '../fields.ts';

/** Of one media file, what the crypto server says of its envelope (`sealtrack envelope inspect --json` of the manifest). */
export interface EnvelopeFacts {
  /** "clear" of media that is not encrypted; empty where others wrote it in a way of their own. */
  readonly suite: string;
  readonly contentEncryption: string;
  readonly iv: string;
  readonly plaintextSize: number;
  readonly ciphertextSize: number;
  readonly segments: number;
  readonly checksum: string;
  /** What proves that what comes out is right. */
  readonly verification: string;
  readonly recipients: readonly {
    readonly name: string;
    readonly issuer: string;
    readonly serialNumber: string;
    readonly keyEncryption: string;
    readonly keyBits: number;
  }[];
}

/** Undefined when the document has nothing of the media: a newer service may write another. */
export function readEnvelope(document: unknown, mediaId: string): EnvelopeFacts | undefined {
  const media = fieldsOf(document)
    .objects('media')
    .find((each) => each.text('mediaId') === mediaId);
  if (media === undefined) return undefined;
  const envelope = media.object('envelope');
  return {
    suite: media.text('suite') || envelope.text('suite'),
    contentEncryption: envelope.text('contentEncryption'),
    iv: envelope.text('iv'),
    plaintextSize: media.number('plaintextSize'),
    ciphertextSize: media.number('ciphertextSize'),
    segments: media.number('segments'),
    checksum: media.text('checksum'),
    verification: media.text('verification'),
    recipients: envelope.objects('recipients').map((recipient) => ({
      name: recipient.text('name'),
      issuer: recipient.text('issuer'),
      serialNumber: recipient.text('serialNumber'),
      keyEncryption: recipient.text('keyEncryption'),
      keyBits: recipient.number('keyBits'),
    })),
  };
}
