import type { EnvelopeDescription } from './inspect.ts';
import { shellQuote } from './shell-quote.ts';

/** As OpenSSL's -inform has it. */
export type Form = 'DER' | 'PEM' | 'SMIME';

/** What is opened. Names are as the user gave them. */
export interface ToOpen {
  readonly name: string;
  /** Undefined for a manifest. */
  readonly form?: Form;
  /** The media file to name, where a manifest has several. */
  readonly mediaId?: string | undefined;
  /** Of an envelope without it; when it is not known yet, undefined. */
  readonly isDetached?: boolean;
  readonly content?: string | undefined;
}

/** Command lines that open it with the private key: ours, then what does it without us. */
export function openingCommands(what: ToOpen, { recipients }: EnvelopeDescription): string[] {
  const file = shellQuote(what.name);
  const isOne = recipients.length === 1;
  const ours = (command: string, ...more: string[]) =>
    words('sealtrack envelope', command, file, option('--media', what.mediaId), ...more);
  const openssl = (form: Form, input: string, ...more: string[]) =>
    words(
      'openssl cms -decrypt -binary -inform',
      form,
      '-in',
      input,
      ...more,
      '-inkey KEY.pem',
      isOne ? '' : '-recip CERT.pem',
      '-out OUT',
    );
  const key = words('--key KEY.pem', isOne ? '' : '--cert CERT.pem', '--out OUT');

  if (what.form === undefined)
    return [
      ours('open', option('--content', what.content), key),
      `${ours('splice', option('--content', what.content), '--out WHOLE.p7m')} && ${openssl('DER', 'WHOLE.p7m')}`,
    ];
  if (what.isDetached !== true) return [ours('open', key), openssl(what.form, file)];
  const content = what.content === undefined ? 'CIPHERTEXT' : shellQuote(what.content);
  return [ours('open', '--content', content, key), openssl(what.form, file, '-content', content)];
}

/** The command line that copies out what is stored in clear. */
export const copyingCommand = ({ name, mediaId, content }: ToOpen): string =>
  words(
    'sealtrack envelope open',
    shellQuote(name),
    option('--media', mediaId),
    option('--content', content),
    '--out OUT',
  );

const option = (name: string, value: string | undefined): string =>
  value === undefined ? '' : `${name} ${shellQuote(value)}`;

const words = (...parts: readonly string[]): string => parts.filter((part) => part !== '').join(' ');
