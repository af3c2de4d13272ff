import { shellWord } from '../cli-command.ts';

export interface Exported {
  readonly recordingId: string;
  readonly mediaId: string;
  readonly contentType: string;
  /** "pkcs7" or "cms". */
  readonly suite: string;
  /** How many certificates it is encrypted to: of several, OpenSSL has to be told whose key it is given. */
  readonly recipients: number;
}

const EXTENSIONS: Readonly<Record<string, string>> = {
  'audio/wav': '.wav',
  'audio/x-wav': '.wav',
  'audio/mpeg': '.mp3',
  'audio/ogg': '.ogg',
  'video/mp4': '.mp4',
  'video/webm': '.webm',
  'text/plain': '.txt',
  'application/json': '.json',
};

/** As the console names the download. */
export const exportedName = ({ recordingId, mediaId }: Pick<Exported, 'recordingId' | 'mediaId'>): string =>
  `${recordingId}-${mediaId}.p7m`;

/** The plaintext beside it. */
const openedName = ({ recordingId, mediaId, contentType }: Exported): string =>
  `${recordingId}-${mediaId}${EXTENSIONS[contentType.split(';')[0]?.trim().toLowerCase() ?? ''] ?? '.out'}`;

/** What opens it with OpenSSL 3 alone (docs/envelope.md, 8): `smime` knows no AuthEnvelopedData, and `cms` both. */
export function opensslCommand(exported: Exported): string {
  const { suite, recipients } = exported;
  return [
    `openssl ${suite === 'pkcs7' ? 'smime' : 'cms'} -decrypt -binary -inform DER`,
    `-in ${shellWord(exportedName(exported))}`,
    '-inkey KEY.pem',
    ...(recipients > 1 ? ['-recip CERT.pem'] : []),
    `-out ${shellWord(openedName(exported))}`,
  ].join(' ');
}
