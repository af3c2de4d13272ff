import { type TailedEvent, tailEvents } from '@sealtrack/bus/tail';
import type { Command } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { printable, toJson, write } from '../output.ts';
import { parseCount } from '../parse-options.ts';

export function addEvents(program: Command, wire: Wire): void {
  const group = program.command('events').description('What happens, as it happens.');
  group
    .command('tail')
    .description('Print events until Ctrl-C.')
    .option(
      '--subject <subject>',
      'a NATS subject under events., audit. or dead-letters. (default: events.<tenant>.>)',
    )
    .option('--from-start', 'begin with the oldest event that is kept')
    .option('--limit <n>', 'end after this many', parseCount)
    .addHelpText(
      'after',
      example('sealtrack events tail', 'sealtrack events tail --subject "audit.demo.>" --from-start --json'),
    )
    .action(wire(tail));
}

interface TailOptions {
  readonly subject?: string;
  readonly fromStart?: boolean;
  readonly limit?: number;
}

async function tail(context: Context, options: TailOptions): Promise<void> {
  const subject = options.subject ?? `events.${context.tenantId}.>`;
  // What is on record is for auditors only.
  const bus = await context.bus(subject.startsWith('audit.') ? 'auditor' : undefined);
  let left = options.limit ?? Number.POSITIVE_INFINITY;
  const events = tailEvents(bus, {
    subject,
    from: options.fromStart === true ? 'start' : 'new',
    signal: context.signal,
  });
  await events.ready;
  if (context.io.showsProgress) context.io.stderr.write(`Following ${subject}; end with Ctrl-C\n`);
  for await (const event of events) {
    const line = context.out.json ? toJson(toView(event)) : toLine(event);
    await write(context.io.stdout, `${line}\n`);
    left -= 1;
    if (left <= 0) return;
  }
}

const toView = ({ subject, sequence, time, headers, body }: TailedEvent) => ({
  ...{ subject, sequence, time, headers },
  data: parseBody(body),
});

const toLine = ({ subject, time, body }: TailedEvent): string =>
  printable(`${time.toISOString()}  ${subject}  ${body}`);

/** Whatever somebody published: what is no JSON is shown as the text it is. */
function parseBody(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}
