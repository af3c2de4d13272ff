import { resolve } from 'node:path';
import { type EnvelopeDescription, inspectEnvelope } from '@sealtrack/envelope/inspect';
import type { Manifest } from '@sealtrack/envelope/manifest';
import { segmentCount } from '@sealtrack/envelope/segment-tags';
import type { Command } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { printable } from '../output.ts';
import { readSealedFile } from '../sealed-file.ts';
import { formatBytes } from '../units.ts';

export function addEnvelopeInspect(group: Command, wire: Wire): void {
  group
    .command('inspect <file>')
    .description(
      'Show what a manifest, a detached envelope (PEM or DER) or a small PKCS#7 file says of itself.',
    )
    .addHelpText('after', example('sealtrack envelope inspect recording.json --json'))
    .action(wire(inspect));
}

async function inspect(context: Context, path: string): Promise<void> {
  const file = await readSealedFile(resolve(context.io.cwd, path));
  if (file.kind === 'envelope') {
    const envelope = inspectEnvelope(file.bytes);
    await context.out.result({ kind: 'envelope', envelope }, () => describeEnvelope(envelope));
    return;
  }
  const view = toView(file.manifest);
  await context.out.result(view, () =>
    [
      `recording ${view.recordingId} of profile ${view.profileId}, started ${view.startedAt}, encrypted ${view.encryptedAt}`,
      ...Object.entries(view.attributes).map(([name, value]) => `  ${printable(name)}: ${printable(value)}`),
      ...view.media.map(
        (media) =>
          `media ${media.mediaId}: ${printable(media.contentType)}, ${formatBytes(media.plaintextSize)}, ${media.segments} segments, ` +
          `${media.checksum}, in ${media.ciphertext}\n${describeEnvelope(media.envelope)}`,
      ),
    ].join('\n'),
  );
}

function toView(manifest: Manifest) {
  const { media, ...recording } = manifest;
  return {
    kind: 'manifest',
    ...recording,
    media: media.map(({ envelope, tags: _, ...rest }) => ({
      ...rest,
      segments: segmentCount(rest.ciphertextSize),
      envelope: inspectEnvelope(envelope),
    })),
  };
}

const describeEnvelope = (envelope: EnvelopeDescription): string =>
  [
    `  suite ${envelope.suite}: ${envelope.contentEncryption}, IV ${envelope.iv}, ` +
      (envelope.attachedContent === null
        ? 'detached'
        : `with ${formatBytes(envelope.attachedContent)} of ciphertext`),
    ...envelope.recipients.map(
      ({ serialNumber, keyEncryption, keyBits }) =>
        `  recipient: certificate with serial number ${serialNumber}, ${keyEncryption}, ${keyBits} bits`,
    ),
  ].join('\n');
