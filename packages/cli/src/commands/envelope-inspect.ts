import { resolve } from 'node:path';
import type { Command } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { describeSealed } from '../envelope/describe-sealed.ts';
import { readSealedFile } from '../envelope/sealed-file.ts';
import { manifestText, mediaText } from '../envelope/view-text.ts';
import { sizeOfFile } from '../files.ts';
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
    if (view.kind === 'manifest') return manifestText(view);
    const size = view.ciphertextSize === null ? '' : `, ciphertext of ${formatBytes(view.ciphertextSize)}`;
    const what = view.isDetached ? 'detached envelope' : 'envelope with its ciphertext';
    return [`${what}${size}, ${view.form}`, ...mediaText(view)].join('\n');
  });
}
