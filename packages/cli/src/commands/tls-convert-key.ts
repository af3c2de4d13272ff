import { resolve } from 'node:path';
import type { AnyPrivateKey } from '@sealtrack/certificates/any-private-key';
import { writePkcs1, writePkcs8 } from '@sealtrack/certificates/issue/write-private-key';
import { AppError } from '@sealtrack/errors/app-error';
import { type Command, Option } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { refuseReplacing } from '../envelope/keep-inputs.ts';
import { note } from '../note.ts';
import { printable } from '../output.ts';
import { refuseExisting } from '../output-file.ts';
import { addNewPasswordOptions, type NewPasswordOptions, readNewPassword } from '../tls/new-password.ts';
import { readKeyInput } from '../tls/private-key-input.ts';
import { writeSecretOutput } from '../tls/write-secret-output.ts';

/** As people call them, with the forms of a file that each may mean. */
const IN_FORMATS = {
  pfx: ['PKCS#12'],
  pkcs12: ['PKCS#12'],
  pkcs8: ['private key', 'encrypted private key'],
  rsa: ['RSA key', 'encrypted PEM key'],
} as const satisfies Record<string, readonly AnyPrivateKey['kind'][]>;
type InFormat = keyof typeof IN_FORMATS;

const OUT_FORMATS = { pkcs8: 'PKCS#8', rsa: 'PKCS#1 (RSA PRIVATE KEY)' } as const;
type OutFormat = keyof typeof OUT_FORMATS;

export function addTlsConvertKey(group: Command, wire: Wire): void {
  addNewPasswordOptions(
    group
      .command('convert-key')
      .description(
        'Write a private key in another form: out of a PFX, or between PKCS#8 and the older "RSA PRIVATE KEY". The key stays ' +
          'the same, and so do its certificates.',
      )
      .requiredOption('--in <file>', 'the private key: PEM, DER or PFX (PKCS#12)')
      .requiredOption('--out <file>', 'where to; only you may read it')
      .addOption(
        new Option('--in-format <format>', 'refuse any other form (default: whatever it is)').choices(
          Object.keys(IN_FORMATS),
        ),
      )
      .addOption(
        new Option('--out-format <format>', 'pkcs8 for everything current, rsa for what is older')
          .choices(Object.keys(OUT_FORMATS))
          .makeOptionMandatory(),
      )
      .option('--encrypt', 'encrypt it with a password (AES-256); pkcs8 only')
      .option('--force', 'replace a file that is there'),
  )
    .addHelpText(
      'after',
      example(
        'sealtrack tls convert-key --in server.pfx --out server_priv_key.pem --out-format pkcs8',
        'sealtrack tls convert-key --in key.pem --out old_key.pem --out-format rsa --password-file password',
        'sealtrack tls convert-key --in key.pem --out sealed.pem --out-format pkcs8 --encrypt',
      ),
    )
    .action(wire(convert));
}

interface ConvertOptions extends NewPasswordOptions {
  readonly in: string;
  readonly out: string;
  readonly inFormat?: InFormat;
  readonly outFormat: OutFormat;
  readonly encrypt?: boolean;
  readonly force?: boolean;
}

async function convert(context: Context, options: ConvertOptions): Promise<void> {
  const { outFormat, inFormat, force = false, encrypt = false } = options;
  const [input, out] = [options.in, options.out].map((path) => resolve(context.io.cwd, path)) as [
    string,
    string,
  ];
  if (encrypt && outFormat === 'rsa') throw weakEncryption();
  if (!force) await refuseExisting(out);
  await refuseReplacing(out, { 'the private key that is read': input });
  const { privateKey, kind, isEncrypted } = await readKeyInput(context, input, options);
  if (inFormat !== undefined && !isOf(inFormat, kind)) throw otherFormat(inFormat, kind);
  const pem =
    outFormat === 'rsa'
      ? writePkcs1(privateKey)
      : encrypt
        ? await encrypted(context, options, out, (password) => writePkcs8(privateKey, password))
        : await writePkcs8(privateKey);
  await writeSecretOutput(out, pem, force);
  if (!encrypt && isEncrypted)
    await note(context, `The key in ${out} is not encrypted: whoever reads the file has it`);
  const result = {
    file: out,
    format: outFormat,
    encrypted: encrypt,
    keyType: privateKey.asymmetricKeyType,
    ...sizeOf(privateKey),
  };
  const form = `${OUT_FORMATS[outFormat]}${encrypt ? ', encrypted' : ''}`;
  await context.out.result(result, () => `Wrote ${printable(out)} (${form})`);
}

async function encrypted(
  context: Context,
  options: ConvertOptions,
  out: string,
  write: (password: Buffer) => Promise<Buffer>,
): Promise<Buffer> {
  const password = await readNewPassword(options, context.io, out);
  try {
    return await write(password);
  } finally {
    password.fill(0);
  }
}

const isOf = (format: InFormat, kind: AnyPrivateKey['kind']): boolean =>
  (IN_FORMATS[format] as readonly AnyPrivateKey['kind'][]).includes(kind);

const sizeOf = ({ asymmetricKeyDetails }: AnyPrivateKey['privateKey']): object => {
  const { modulusLength, namedCurve } = asymmetricKeyDetails ?? {};
  return modulusLength === undefined ? { curve: namedCurve } : { keyBits: modulusLength };
};

const weakEncryption = (): AppError =>
  new AppError('INVALID_ARGUMENT', 'A key in the format rsa can be encrypted in an unsafe way only', {
    fix: 'Give --out-format pkcs8 with --encrypt, or leave out --encrypt and keep the file where nobody else reads it.',
  });

const otherFormat = (wanted: InFormat, kind: AnyPrivateKey['kind']): AppError => {
  const [is = undefined] = Object.keys(IN_FORMATS).filter((format) => isOf(format as InFormat, kind));
  return new AppError(
    'INVALID_ARGUMENT',
    `The private key is not in the format ${wanted}${is === undefined ? '' : `, but in ${is}`}`,
    { fix: 'Leave out --in-format, or give the file that you meant.' },
  );
};
