import { describeBus } from '@sealtrack/bus/describe-bus';
import { ensureStreams } from '@sealtrack/bus/streams';
import type { Command } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';

export function addBus(program: Command, wire: Wire): void {
  const group = program.command('bus').description('The streams and buckets on NATS.');
  group
    .command('prepare')
    .description(
      'Make the streams and buckets that are missing, and change those that are not as this version needs them. Once before the first start, and after an upgrade; it may run at any time.',
    )
    .addHelpText('after', example('sealtrack bus prepare'))
    .action(wire(prepare));
}

async function prepare(context: Context): Promise<void> {
  const bus = await context.bus();
  await ensureStreams(bus);
  const { streams } = await describeBus(bus);
  const names = streams.flatMap(({ name, found }) => (found === undefined ? [] : [name]));
  await context.out.result({ streams: names }, () => `Ready: ${names.join(', ')}`);
}
