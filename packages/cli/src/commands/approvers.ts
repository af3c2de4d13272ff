import { resolve } from 'node:path';
import type { Command } from 'commander';
import { createApproverKey } from '../certificates/approver-key.ts';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { parseApprover } from '../parse-options.ts';
import { addPasswordOptions, type PasswordOptions, readPassword } from '../password.ts';
import { writeSecretFile } from '../secret-file.ts';

export function addApprovers(program: Command, wire: Wire): void {
  const group = program
    .command('approvers')
    .description('People who approve that certificates are deleted although recordings need them.');

  addPasswordOptions(
    group
      .command('create')
      .description(
        'Make the key of an approver, on their own machine. It is encrypted when there is a password. The crypto ' +
          'server is told the public half only.',
      )
      .requiredOption('--name <name>', 'what the approver is called', parseApprover)
      .requiredOption('--out <file>', 'where the private key goes, mode 0600'),
  )
    .addHelpText(
      'after',
      example('sealtrack approvers create --name anna --out anna.key --password-file anna.password'),
    )
    .action(wire(createApprover));
}

interface CreateOptions extends PasswordOptions {
  readonly name: string;
  readonly out: string;
}

async function createApprover(context: Context, options: CreateOptions): Promise<void> {
  const { name } = options;
  const file = resolve(context.io.cwd, options.out);
  const password = await readPassword(options, context.io);
  const isEncrypted = password.length > 0;
  const { privateKeyPem, publicKey } = createApproverKey(password);
  try {
    await writeSecretFile(file, privateKeyPem);
  } finally {
    password.fill(0);
    privateKeyPem.fill(0);
  }
  await context.out.result({ name, file, isEncrypted, publicKey }, () =>
    [
      `Wrote the private key of ${name} to ${file}, ${isEncrypted ? 'encrypted with the password' : 'not encrypted: give --password-file to have it so'}.`,
      'Add this to "approvers" in the file that SEALTRACK_APPROVERS_FILE of the crypto server names:',
      `  "${name}": "${publicKey}"`,
      `If there is none yet, it is: {"approvers": {"${name}": "${publicKey}"}}`,
    ].join('\n'),
  );
}
