import { resolve } from 'node:path';
import { authorityDir, bootstrap, PARTIES, partyFiles } from '@sealtrack/authority/bootstrap';
import type { Command } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { collect } from '../tls/options.ts';

export function addTlsBootstrap(group: Command, wire: Wire): void {
  group
    .command('bootstrap')
    .description(
      'Make a development authority, and a certificate for every service, NATS, Redis, the administrator and the ' +
        'pipeline. Run again, it renews what ends within 30 days, and touches nothing else.',
    )
    .option('--dir <folder>', 'where to', 'tls')
    .option(
      '--host <name>',
      'a further name or address of this machine, for every certificate; repeatable',
      collect,
    )
    .addHelpText('after', example('sealtrack tls bootstrap --dir tls --host media.example.com'))
    .action(wire(bootstrapTls));
}

interface BootstrapOptions {
  readonly dir: string;
  readonly host?: readonly string[];
}

async function bootstrapTls(context: Context, { dir, host = [] }: BootstrapOptions): Promise<void> {
  const path = resolve(context.io.cwd, dir);
  const { issued } = await bootstrap({ dir: path, hosts: host });
  const parties = Object.fromEntries(PARTIES.map((party) => [party, partyFiles(path, party)]));
  await context.out.result({ dir: path, authority: authorityDir(path), issued, parties }, () =>
    [
      issued.length === 0
        ? `Everything in ${path} is there, and valid for more than 30 days.`
        : `Made or renewed certificates in ${path}: ${issued.join(', ')}`,
      `Each is in its folder as cert.pem and key.pem; trusted by all is ${path}/trusted_ca.pem.`,
      `Its authority is for development: ${authorityDir(path)}`,
    ].join('\n'),
  );
}
