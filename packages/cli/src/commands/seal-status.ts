import type { Command } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { describeSeal, toView } from '../seal/describe-seal.ts';
import { told } from '../told.ts';

export function addSealStatus(group: Command, wire: Wire): void {
  group
    .command('status')
    .description('Whether the crypto server is open, what opens it, and what comes next.')
    .addHelpText(
      'after',
      example('sealtrack seal status', 'sealtrack seal status --crypto-address 10.0.0.7:7013 --json'),
    )
    .action(wire(showStatus));
}

async function showStatus(context: Context): Promise<void> {
  const client = await context.seal();
  const { status } = await client.getSealStatus({}, { signal: context.signal });
  const view = toView(told(status));
  await context.out.result(view, () => describeSeal(view));
}
