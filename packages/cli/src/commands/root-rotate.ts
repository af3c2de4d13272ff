import type { Command } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { printable } from '../output.ts';
import { toView } from '../seal/describe-seal.ts';
import { told } from '../told.ts';

const DEADLINE_MS = 60_000;

export function addRootRotate(group: Command, wire: Wire): void {
  group
    .command('rotate')
    .description(
      'Exchange the root key, in one step. Sealed private keys stay as they are; the same shares open it.',
    )
    .addHelpText('after', example('sealtrack root rotate'))
    .action(wire(rotateRoot));
}

async function rotateRoot(context: Context): Promise<void> {
  const client = await context.seal();
  const { status } = await client.rotateRoot({}, { signal: context.signal, deadlineMs: DEADLINE_MS });
  const view = toView(told(status));
  await context.out.result(
    view,
    () =>
      `Exchanged the root key: ${printable(view.rootId)} is in force. Back the keys up: sealtrack keys backup --out FILE`,
  );
}
