import type { RotateSealResponse } from '@sealtrack/contracts/gen/sealtrack/seal/v1/seal';
import type { Command } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { createBar } from '../progress.ts';
import { toView } from '../seal/describe-seal.ts';
import { told } from '../told.ts';

export function addSealRotate(group: Command, wire: Wire): void {
  group
    .command('rotate')
    .description(
      'Seal every private key anew, under a new key-encryption key, while everything goes on; or go on with what was ' +
        'interrupted. It can be stopped at any time.',
    )
    .addHelpText('after', example('sealtrack seal rotate'))
    .action(wire(rotateSeal));
}

async function rotateSeal(context: Context): Promise<void> {
  const { io, out, signal } = context;
  const bar = createBar({ stderr: io.stderr, enabled: io.showsProgress, label: 'sealing anew' });
  let last: RotateSealResponse | undefined;
  try {
    for await (const message of (await context.seal()).rotateSeal({}, { signal })) {
      last = message;
      bar.show(Number(message.done), Number(message.total));
      // Where nobody watches, such as in a log, a line each.
      if (!io.showsProgress && !out.json)
        await out.result({}, () => `${message.done} of ${message.total} private keys`);
    }
  } finally {
    bar.clear();
  }
  const { done, total, status } = told(last);
  const view = toView(told(status));
  await out.result({ done, total, ...view }, () =>
    [
      `All private keys, ${total}, are sealed under key-encryption key number ${view.kekNumber}.`,
      'Back the keys up: sealtrack keys backup --out FILE',
    ].join('\n'),
  );
}
