import type { Command } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { addShareOptions, handOutShares, type ShareOptions } from '../seal/hand-out-shares.ts';

export function addSealInit(group: Command, wire: Wire): void {
  addShareOptions(
    group
      .command('init')
      .description(
        'Make the root key, and hand out shares of what opens it, once. Nothing is sealed under it before enough of ' +
          'them came back (sealtrack unseal), and until then this can be done again.',
      ),
  )
    .addHelpText(
      'after',
      example(
        'sealtrack seal init --shares 5 --threshold 3',
        'sealtrack seal init --shares 5 --threshold 3 --out-dir shares',
      ),
    )
    .action(wire(initializeSeal));
}

const initializeSeal = (context: Context, options: ShareOptions): Promise<void> =>
  handOutShares(context, options, async () => {
    const { shares, threshold } = options;
    const client = await context.seal();
    const made = await client.initializeSeal({ shares, threshold }, { signal: context.signal });
    return made.shares;
  });
