import type { ManifestView } from '@sealtrack/envelope/describe-manifest';
import type { EnvelopeView, MediaView } from '@sealtrack/envelope/describe-media';
import type { RecipientDescription } from '@sealtrack/envelope/inspect';
import { printable } from '../output.ts';
import { formatBytes } from '../units.ts';

/** For people. */
export const manifestText = (view: ManifestView): string =>
  [
    `recording ${view.recordingId} of profile ${view.profileId}, tenant ${view.tenantId}, ` +
      `started ${view.startedAt}, encrypted ${view.encryptedAt}`,
    ...stateOf(view),
    ...Object.entries(view.attributes).map(([name, value]) => `  ${printable(name)}: ${printable(value)}`),
    ...view.media.flatMap((media) => [
      `media ${media.mediaId}: ${printable(media.contentType)}, ${formatBytes(media.plaintextSize ?? 0)}, ` +
        `${media.segments} segments, ${media.checksum}, in ${media.ciphertext}${media.hasWaveform ? ', with a waveform' : ''}`,
      ...mediaText(media),
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

export const mediaText = ({ envelope, verification, opensWith }: MediaView): string[] => [
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
