import type { Command } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { addShareOptions, handOutShares, type ShareOptions } from '../seal/hand-out-shares.ts';

export function addSealRenewShares(group: Command, wire: Wire): void {
  addShareOptions(
    group
      .command('renew-shares')
      .description(
        'Hand out new shares, for other people or another number of them. Those before stay in force until enough of ' +
          'the new ones came back (sealtrack unseal).',
      ),
  )
    .addHelpText('after', example('sealtrack seal renew-shares --shares 7 --threshold 4'))
    .action(wire(renewShares));
}

const renewShares = (context: Context, options: ShareOptions): Promise<void> =>
  handOutShares(context, options, async () => {
    const { shares, threshold } = options;
    const client = await context.seal();
    const made = await client.renewShares({ shares, threshold }, { signal: context.signal });
    return made.shares;
  });
