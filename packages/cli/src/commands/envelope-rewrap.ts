import { resolve } from 'node:path';
import type { CertificateInfo } from '@sealtrack/certificates/certificate';
import { type Recipient, recipientFromCertificate } from '@sealtrack/envelope/recipient';
import type { Command } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { readCertificateFile } from '../envelope/certificate-file.ts';
import { refuseReplacing } from '../envelope/keep-inputs.ts';
import { addKeyOptions, type KeyOptions, readKey } from '../envelope/read-key.ts';
import { rewrapFile, rewrapManifest } from '../envelope/rewrap-sealed.ts';
import { ciphertextsOf, readSealedFile } from '../envelope/sealed-file.ts';
import { misplaced, sealedMediaOf } from '../envelope/sealed-media.ts';
import { createUnlock } from '../envelope/unlock.ts';
import { note } from '../note.ts';
import { printable } from '../output.ts';
import { refuseExisting, writeOutputFile } from '../output-file.ts';

export function addEnvelopeRewrap(group: Command, wire: Wire): void {
  addKeyOptions(
    group
      .command('rewrap <file>')
      .description(
        'Encrypt the session keys of a recording to other certificates, with the private key of one of its recipients. ' +
          'The media is not touched. Of a manifest comes a manifest, of an envelope an envelope, in the same form; its ' +
          'ciphertext is read to be sure that the key is right.',
      )
      .requiredOption('--to <certificates...>', 'the new recipients: certificate files, PEM or DER')
      .requiredOption('--out <file>', 'where to write it; a manifest belongs beside its ciphertext'),
  )
    .option('--content <ciphertext>', 'the ciphertext of a detached envelope')
    .option('--force', 'replace a file that is there')
    .addHelpText(
      'after',
      example(
        'sealtrack envelope rewrap recording.json --key old.key --to new.crt --to archive.crt --out recording.json --force',
        'sealtrack envelope rewrap call.pem --content call.enc --key old.key --to new.crt --out call-new.pem',
      ),
    )
    .action(wire(rewrap));
}

interface RewrapOptions extends KeyOptions {
  readonly to: readonly string[];
  readonly out: string;
  readonly content?: string;
  readonly force?: boolean;
}

async function rewrap(context: Context, name: string, options: RewrapOptions): Promise<void> {
  const at = (relative: string): string => resolve(context.io.cwd, relative);
  const out = at(options.out);
  const force = options.force === true;
  if (!force) await refuseExisting(out);
  const recipients = await readRecipients(context, options.to);
  const unlock = createUnlock(context, await readKey(context, options, at(name)));
  const file = await readSealedFile(context, at(name));
  if (file.kind === 'manifest' && options.content !== undefined)
    throw misplaced('--content', 'the ciphertext of a manifest is not needed');
  const content = options.content === undefined ? undefined : at(options.content);
  const ciphertexts = content === undefined ? ciphertextsOf(file) : [content];
  await refuseReplacing(out, { 'the private key': at(options.key), 'the ciphertext': ciphertexts });
  const rewrapped =
    file.kind === 'manifest'
      ? await rewrapManifest(file.manifest, unlock, recipients)
      : await rewrapFile(context, file, await sealedMediaOf(context, file, { content }), unlock, recipients);

  const bytes = await writeOutputFile(out, rewrapped.content, { force, sameAs: file.path });
  const { mediaFiles, before } = rewrapped;
  const result = {
    file: out,
    bytes,
    mediaFiles,
    recipientsBefore: before,
    recipientsAfter: recipients.length,
  };
  await context.out.result(
    result,
    () =>
      `Wrote ${printable(out)}: ${before} ${before === 1 ? 'recipient' : 'recipients'} before, ${recipients.length} now. ` +
      'The media was not touched.',
  );
}

async function readRecipients(context: Context, names: readonly string[]): Promise<Recipient[]> {
  const recipients: Recipient[] = [];
  for (const name of names) {
    const certificate = await readCertificateFile(context, name);
    const warning = validityWarning(certificate, new Date());
    if (warning !== undefined) await note(context, `${name} ${warning}; it is used all the same`);
    recipients.push(recipientFromCertificate(certificate));
  }
  return recipients;
}

function validityWarning({ notBefore, notAfter }: CertificateInfo, now: Date): string | undefined {
  if (now > notAfter) return `expired on ${notAfter.toISOString()}`;
  return now < notBefore ? `is not valid before ${notBefore.toISOString()}` : undefined;
}
