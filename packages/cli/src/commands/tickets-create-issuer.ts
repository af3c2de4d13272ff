import { generateKeyPairSync } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { encodePem } from '@sealtrack/certificates/pem';
import { AppError, hasCode } from '@sealtrack/errors/app-error';
import { keyNameOf } from '@sealtrack/tickets/key-name';
import type { Command } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { readSmallFile } from '../files.ts';
import { printable } from '../output.ts';
import { parseIssuer } from '../parse-options.ts';
import { writeSecretFile } from '../secret-file.ts';
import { withIssuer, writeIssuers } from '../tickets/add-to-issuers.ts';

const ISSUERS = 'ticket-issuers.json';
const MAX_BYTES = 4 * 1024 * 1024;

export function addTicketsCreateIssuer(group: Command, wire: Wire): void {
  group
    .command('create-issuer')
    .description(
      'Make a key that an application signs playback tickets with, and put its public half into ticket-issuers.json beside it: ' +
        'the file for SEALTRACK_TICKET_ISSUERS of the crypto servers. Again for the same issuer, it is one more key: the new one is ' +
        'used once every crypto server has the file, and the old one taken out when its last ticket has expired.',
    )
    .requiredOption('--issuer <id>', 'what the application is called in its tickets (iss)', parseIssuer)
    .requiredOption('--out <dir>', 'a folder for both files, made when it is missing')
    .option('--all-tenants', 'it may make tickets for every tenant, and not for that of --tenant only')
    .addHelpText(
      'after',
      example('sealtrack tickets create-issuer --issuer crm.acme.example --tenant acme --out tickets'),
    )
    .action(wire(createIssuer));
}

interface CreateIssuerOptions {
  readonly issuer: string;
  readonly out: string;
  readonly allTenants?: boolean;
}

async function createIssuer(
  context: Context,
  { issuer, out, allTenants = false }: CreateIssuerOptions,
): Promise<void> {
  const folder = resolve(context.io.cwd, out);
  const tenants = allTenants ? ['*'] : [context.tenantId];
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const kid = keyNameOf(publicKey);
  const [keyFile, issuersFile] = [join(folder, `ticket-key-${kid}.pem`), join(folder, ISSUERS)];
  const { kty = '', crv, x, y } = publicKey.export({ format: 'jwk' });
  if (kty !== 'EC') throw new Error('It is on P-256');
  const issuers = withIssuer(issuersFile, await readIfThere(issuersFile), {
    id: issuer,
    tenants,
    key: { kid, kty, crv, x, y },
  });
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    throw new AppError('INVALID_ARGUMENT', `${folder} cannot be made`, {
      fix: 'Give a folder that you may write to.',
      cause,
    });
  });
  const der = privateKey.export({ type: 'pkcs8', format: 'der' });
  const pem = encodePem('PRIVATE KEY', der);
  try {
    // First, since a public half without its key is of no use to anybody.
    await writeSecretFile(keyFile, pem);
  } finally {
    der.fill(0);
    pem.fill(0);
  }
  await writeIssuers(issuersFile, issuers);
  await context.out.result({ issuer, tenants, kid, keyFile, issuersFile }, () =>
    [
      `Wrote the private key to ${printable(keyFile)}: give it to ${printable(issuer)}, which signs with ES256 and kid ${kid}.`,
      `Its public half is in ${printable(issuersFile)}: set SEALTRACK_TICKET_ISSUERS of every crypto server to that file.`,
    ].join('\n'),
  );
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readSmallFile(path, MAX_BYTES);
  } catch (error) {
    if (hasCode(error, 'INVALID_ARGUMENT') && error.details.code === 'ENOENT') return undefined;
    throw error;
  }
}
