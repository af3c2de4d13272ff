import type { ReadKey } from '../certificate-files/read-key.ts';

interface KeyPreviewProps {
  readonly inside: ReadKey;
  /** Of the certificate that was chosen. */
  readonly modulus: string | undefined;
}

/** What can be told of a private key without its password. */
export function KeyPreview({ inside, modulus }: KeyPreviewProps) {
  const { form, keyType, bits, isEncrypted, cipher, count } = inside;
  if (count === 0) return null;
  const kind = [keyType, bits === undefined ? undefined : `${bits} bits`].filter(Boolean).join(', ');
  return (
    <dl className="facts preview">
      <dt>Form</dt>
      <dd>{form}</dd>
      <dt>Key</dt>
      <dd>{kind || 'inside, to be seen with its password'}</dd>
      <dt>Encrypted</dt>
      <dd>{encryptionOf(isEncrypted, cipher)}</dd>
      {inside.modulus !== undefined && inside.modulus === modulus ? (
        <>
          <dt>Belongs to</dt>
          <dd>the chosen certificate</dd>
        </>
      ) : null}
    </dl>
  );
}

function encryptionOf(isEncrypted: ReadKey['isEncrypted'], cipher: string | undefined): string {
  if (isEncrypted === 'maybe') return 'as PFX files are: with a password, which may be empty';
  if (!isEncrypted) return 'no: whoever has this file has the key';
  return cipher === undefined ? 'yes' : `yes, with ${cipher}`;
}
