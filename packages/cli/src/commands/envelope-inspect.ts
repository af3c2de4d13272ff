import { resolve } from 'node:path';
import type { RecipientDescription } from '@sealtrack/envelope/inspect';
import type { Command } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import {
  describeSealed,
  type EnvelopeView,
  type ManifestView,
  type MediaView,
} from '../envelope/describe-sealed.ts';
import { readSealedFile } from '../envelope/sealed-file.ts';
import { sizeOfFile } from '../files.ts';
import { printable } from '../output.ts';
import { formatBytes } from '../units.ts';

export function addEnvelopeInspect(group: Command, wire: Wire): void {
  group
    .command('inspect <file>')
    .description(
      'Show what a manifest, a detached envelope, or a whole PKCS#7, CMS or S/MIME file says of itself: recipients, ' +
        'cipher, sizes, and the command lines that open it. No key is needed, and nothing of it is proven.',
    )
    .option('--content <ciphertext>', 'the ciphertext of a detached envelope, for its size')
    .addHelpText(
      'after',
      example('sealtrack envelope inspect recording.json --json', 'sealtrack envelope inspect call.p7m'),
    )
    .action(wire(inspect));
}

async function inspect(
  context: Context,
  name: string,
  { content }: { readonly content?: string },
): Promise<void> {
  const file = await readSealedFile(context, resolve(context.io.cwd, name));
  const contentSize = content === undefined ? undefined : await sizeOfFile(resolve(context.io.cwd, content));
  const view = describeSealed(file, { name, content, contentSize });
  await context.out.result(view, () => {
    if (view.kind === 'manifest') return describeManifest(view);
    const size = view.ciphertextSize === null ? '' : `, ciphertext of ${formatBytes(view.ciphertextSize)}`;
    const what = view.isDetached ? 'detached envelope' : 'envelope with its ciphertext';
    return [`${what}${size}, ${view.form}`, ...describeMedia(view)].join('\n');
  });
}

const describeManifest = (view: ManifestView): string =>
  [
    `recording ${view.recordingId} of profile ${view.profileId}, tenant ${view.tenantId}, ` +
      `started ${view.startedAt}, encrypted ${view.encryptedAt}`,
    ...stateOf(view),
    ...Object.entries(view.attributes).map(([name, value]) => `  ${printable(name)}: ${printable(value)}`),
    ...view.media.flatMap((media) => [
      `media ${media.mediaId}: ${printable(media.contentType)}, ${formatBytes(media.plaintextSize ?? 0)}, ` +
        `${media.segments} segments, ${media.checksum}, in ${media.ciphertext}`,
      ...describeMedia(media),
    ]),
  ].join('\n');

/** What has become of it. */
function* stateOf({ mediaType, quarantine, inClear, rewrappedAt }: ManifestView): Generator<string> {
  if (mediaType !== undefined) yield `  media type ${mediaType}`;
  if (quarantine !== undefined)
    yield `  in quarantine since ${quarantine.since}: sealed to the holding key (${quarantine.reason})`;
  if (inClear !== undefined)
    yield `  stored in clear, as the profile's policy has it: ${inClear.policy} (${inClear.reason})`;
  if (rewrappedAt !== undefined) yield `  sealed to other certificates ${rewrappedAt}`;
}

const describeMedia = ({ envelope, verification, opensWith }: MediaView): string[] => [
  ...(envelope === null ? [] : describeEnvelope(envelope)),
  `  ${verification}`,
  '  open it with:',
  ...opensWith.map((line) => `    ${line}`),
];

const describeEnvelope = (envelope: EnvelopeView): string[] => [
  `  ${envelope.suite === null ? 'no suite' : `suite ${envelope.suite}`}: ${envelope.contentEncryption}, IV ${envelope.iv}, ` +
    (envelope.attachedContent === null
      ? 'detached'
      : `with ${formatBytes(envelope.attachedContent)} of ciphertext`),
  ...envelope.recipients.map(describeRecipient),
];

const describeRecipient = ({ name, keyEncryption, keyBits, isSupported }: RecipientDescription): string =>
  `  recipient: ${printable(name)}` +
  (keyBits === null ? '' : `, ${keyEncryption ?? 'unknown key encryption'}, ${keyBits} bits`) +
  (isSupported ? '' : ' (cannot be opened here)');
