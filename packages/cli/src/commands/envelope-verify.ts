import { resolve } from 'node:path';
import { SENTENCES, type Verified } from '@sealtrack/envelope/verified';
import { AppError, hasCode } from '@sealtrack/errors/app-error';
import type { Command } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { verifyClear } from '../envelope/clear-file.ts';
import { addKeyOptionsIfNeeded, type KeyIfNeeded } from '../envelope/read-key.ts';
import { readSealedFile, type SealedFile } from '../envelope/sealed-file.ts';
import {
  isClearFile,
  type MediaFile,
  mediaFileOf,
  mediaOfManifest,
  pickMedia,
} from '../envelope/sealed-media.ts';
import { readUnlock, type Unlock } from '../envelope/unlock.ts';
import { type VerifiedMedia, verifySealed } from '../envelope/verify-sealed.ts';
import { ProblemsFound } from '../exit-codes.ts';
import { printable } from '../output.ts';
import { formatBytes } from '../units.ts';

export function addEnvelopeVerify(group: Command, wire: Wire): void {
  addKeyOptionsIfNeeded(
    group
      .command('verify <file>')
      .description(
        'Read all of a recording, with the private key in hand, and say whether it is whole. Nothing is written. ' +
          'Takes what open takes; of a manifest, all its media files. What is stored in clear is checked for damage, without ' +
          'a key. What is damaged makes the exit code 1.',
      )
      .option(
        '--content <ciphertext>',
        'the ciphertext (default: the file that the manifest names, beside it)',
      ),
  )
    .option('--media <id>', 'only this media file of the recording')
    .addHelpText(
      'after',
      example(
        'sealtrack envelope verify recording.json --key tenant.key',
        'sealtrack envelope verify call.pem --content call.enc --key tenant.key',
      ),
    )
    .action(wire(verify));
}

interface VerifyOptions extends KeyIfNeeded {
  readonly content?: string;
  readonly media?: string;
}

type Finding =
  | {
      readonly media?: string | undefined;
      readonly ok: true;
      readonly bytes: number;
      readonly verified: Verified;
      readonly verification: string;
    }
  | {
      readonly media?: string | undefined;
      readonly ok: false;
      readonly code: string;
      readonly message: string;
      readonly fix: string;
    };

async function verify(context: Context, name: string, options: VerifyOptions): Promise<void> {
  const path = resolve(context.io.cwd, name);
  const content = options.content === undefined ? undefined : resolve(context.io.cwd, options.content);
  const unlock = await readUnlock(context, options, path);
  const file = await readSealedFile(context, path);
  const candidates = await mediaToVerify(context, file, { ...options, content });
  const findings: Finding[] = [];
  for (const { media, open } of candidates) findings.push({ media, ...(await judge(context, unlock, open)) });

  const ok = findings.every((finding) => finding.ok);
  await context.out.result({ file: path, ok, media: findings }, () => findings.map(describe).join('\n'));
  if (!ok) throw new ProblemsFound(findings.filter((finding) => !finding.ok).length);
}

interface Candidate {
  readonly media?: string;
  readonly open: () => Promise<MediaFile>;
}

async function mediaToVerify(
  context: Context,
  file: SealedFile,
  { content, media }: { readonly content: string | undefined; readonly media?: string },
): Promise<Candidate[]> {
  if (file.kind !== 'manifest') {
    const only = await mediaFileOf(context, file, { content, media });
    return [{ open: async () => only }];
  }
  const isOne = media !== undefined || content !== undefined;
  const wanted = isOne ? [pickMedia(file, media)] : file.manifest.media;
  return wanted.map((each) => ({
    media: each.mediaId,
    open: () => mediaOfManifest(context, file, each, content),
  }));
}

/** Damage to one media file is no reason not to look at the next. A key that opens none of them is. */
async function judge(context: Context, unlock: Unlock, open: Candidate['open']): Promise<Finding> {
  let media: MediaFile;
  try {
    media = await open();
  } catch (error) {
    return toFinding(error);
  }
  if (isClearFile(media)) return verifyClear(context, media).then(whole, toFinding);
  const sealed = media;
  const look = (dek: Buffer): Promise<Finding> => verifySealed(context, sealed, dek).then(whole);
  const keep = (error: unknown): Finding => {
    if (hasCode(error, 'DECRYPTION_FAILED')) throw error;
    return toFinding(error);
  };
  try {
    return await unlock(sealed.envelope, sealed.entry !== undefined, (dek) => look(dek).catch(keep));
  } catch (error) {
    if (hasCode(error, 'DECRYPTION_FAILED') || hasCode(error, 'ENVELOPE_INVALID')) return toFinding(error);
    throw error;
  }
}

const whole = ({ verified, plaintextSize }: VerifiedMedia): Finding => ({
  ...{ ok: true, bytes: plaintextSize, verified, verification: SENTENCES[verified] },
});

function toFinding(error: unknown): Finding {
  if (!(error instanceof AppError)) throw error;
  return { ok: false, code: error.code, message: error.message, fix: error.fix };
}

function describe(finding: Finding): string {
  const name = finding.media === undefined ? '' : `${finding.media}: `;
  if (finding.ok) return `${name}whole, ${formatBytes(finding.bytes)}, ${finding.verification}`;
  return `${printable(`${name}NOT WHOLE: ${finding.message}`)}\n  fix: ${printable(finding.fix)}`;
}
