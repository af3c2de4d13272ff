import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { encodePem } from '@sealtrack/certificates/pem';
import { AppError } from '@sealtrack/errors/app-error';
import type { Context } from '../context.ts';
import { readSmallFile } from '../files.ts';
import { type PasswordOptions, withPassword } from '../password.ts';

const MAX_BYTES = 16 * 1024;

/** A new Ed25519 key. */
export interface ApproverKey {
  /** PKCS#8 PEM, encrypted when there is a password. The caller zeroes it. */
  readonly privateKeyPem: Buffer;
  /** As the approvers file of the crypto server has it: base64url of the SubjectPublicKeyInfo. */
  readonly publicKey: string;
}

export function createApproverKey(password: Buffer): ApproverKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const isEncrypted = password.length > 0;
  const der = privateKey.export({
    ...{ type: 'pkcs8', format: 'der' },
    ...(isEncrypted ? { cipher: 'aes-256-cbc', passphrase: password } : {}),
  });
  try {
    return {
      privateKeyPem: encodePem(isEncrypted ? 'ENCRYPTED PRIVATE KEY' : 'PRIVATE KEY', der),
      publicKey: publicKey.export({ type: 'spki', format: 'der' }).toString('base64url'),
    };
  } finally {
    der.fill(0);
  }
}

/** Throws INVALID_ARGUMENT when the file cannot be read, and the PRIVATE_KEY_ errors. */
export async function readApproverKey(
  context: Context,
  path: string,
  options: PasswordOptions,
): Promise<KeyObject> {
  const file = await readSmallFile(path, MAX_BYTES);
  try {
    return await withPassword(options, context.io, path, (password) => parse(file, password, path));
  } finally {
    file.fill(0);
  }
}

function parse(file: Buffer, password: Buffer, path: string): KeyObject {
  const isEncrypted = file.includes('BEGIN ENCRYPTED PRIVATE KEY');
  if (isEncrypted && password.length === 0)
    throw new AppError('PRIVATE_KEY_PASSWORD_MISSING', `The private key in ${path} is encrypted`, {
      fix: 'Give its password too.',
    });
  const key = read(file, isEncrypted ? password : undefined, path);
  if (key.asymmetricKeyType === 'ed25519') return key;
  throw invalid(path);
}

function read(file: Buffer, passphrase: Buffer | undefined, path: string): KeyObject {
  try {
    return createPrivateKey({
      key: file,
      format: 'pem',
      ...(passphrase === undefined ? {} : { passphrase }),
    });
  } catch (cause) {
    if (passphrase === undefined) throw invalid(path, cause);
    throw new AppError('PRIVATE_KEY_PASSWORD_WRONG', `The password does not open the key in ${path}`, {
      fix: 'Check the password, and that the file is whole.',
      cause,
    });
  }
}

const invalid = (path: string, cause?: unknown): AppError =>
  new AppError('PRIVATE_KEY_INVALID', `${path} is not the private key of an approver`, {
    fix: 'Give an Ed25519 key in PEM, such as sealtrack approvers create makes.',
    details: { file: path },
    cause,
  });
