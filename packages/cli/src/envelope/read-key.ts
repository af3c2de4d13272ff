import type { KeyObject } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import { readPrivateKeyFile } from '@sealtrack/certificates/private-key-file';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { readSmallFile } from '../files.ts';
import { addPasswordOptions, type PasswordOptions, withPassword } from '../password.ts';
import { readCertificateFile } from './certificate-file.ts';
import type { KeyAtHand } from './choose-recipient.ts';
import { certificatesOf, type FoundCertificate, findCertificates } from './nearby-certificates.ts';

const MAX_BYTES = 256 * 1024;

export interface KeyOptions extends PasswordOptions {
  readonly key: string;
  readonly cert?: string | undefined;
}

/** Of commands that also take media that is stored in clear. */
export type KeyIfNeeded = Omit<KeyOptions, 'key'> & { readonly key?: string };

const KEY = ['--key <path>', 'the private key: PEM, DER or PKCS#12'] as const;
const addCertOption = (command: Command): Command =>
  command.option(
    '--cert <path>',
    'its certificate, when there are several recipients and it is not found beside the key',
  );

export const addKeyOption = (command: Command): Command => addPasswordOptions(command.requiredOption(...KEY));

export const addKeyOptions = (command: Command): Command => addCertOption(addKeyOption(command));

export const addKeyOptionsIfNeeded = (command: Command): Command =>
  addCertOption(addPasswordOptions(command.option(KEY[0], `${KEY[1]}; not for what is stored in clear`)));

/** A key, and the file it was in. */
export type KeyFile = KeyAtHand & { readonly path: string };

/** `sealedFile` is the other place where its certificate may lie. Throws INVALID_ARGUMENT, the PRIVATE_KEY_ errors, CERTIFICATE_INVALID. */
export async function readKey(context: Context, options: KeyOptions, sealedFile: string): Promise<KeyFile> {
  const path = resolve(context.io.cwd, options.key);
  const certificate =
    options.cert === undefined
      ? undefined
      : await readCertificateFile(context, options.cert, { allowWeak: true });
  const { privateKey, within } = await readKeyFile(context, path, options);
  const search = async (): Promise<readonly FoundCertificate[]> => [
    ...within,
    ...(await findCertificates([dirname(path), dirname(sealedFile)], privateKey)),
  ];
  let found: ReturnType<typeof search> | undefined;
  const nearby = (): ReturnType<typeof search> => {
    found ??= search();
    return found;
  };
  return { path, privateKey, certificate, nearby };
}

async function readKeyFile(
  context: Context,
  path: string,
  options: PasswordOptions,
): Promise<{ readonly privateKey: KeyObject; readonly within: readonly FoundCertificate[] }> {
  const file = await readSmallFile(path, MAX_BYTES);
  try {
    return await withPassword(options, context.io, path, async (password) => {
      const { privateKey, leaf, chain } = await readPrivateKeyFile(file, password, { allowWeak: true });
      const certificates = leaf === undefined ? chain : [leaf.der, ...chain];
      return { privateKey, within: certificatesOf(privateKey, certificates, path) };
    });
  } finally {
    file.fill(0);
  }
}
