import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cli } from '@sealtrack/cli/testing/run-cli';
import { tool } from './tools.ts';

/** What `create-cert` says of what it made. */
export interface Issued {
  readonly serial: string;
  readonly fingerprint: string;
  /** Absolute. `certificate` has the CAs between it and the root behind it. */
  readonly files: { readonly certificate: string; readonly privateKey: string; readonly pfx: string };
}

/** Runs `sealtrack tls …` in a folder, as a user would. Rejects with what it said when it fails. */
export const sealtrackIn = (folder: string) => {
  const run = (...args: readonly string[]) => cli(['tls', ...args, '--json'], { cwd: folder });
  const make = async (...args: readonly string[]): Promise<Issued> => {
    const done = await run(...args);
    if (done.code !== 0) throw new Error(`sealtrack tls ${args.join(' ')}: ${done.stderr}`);
    return done.json()[0] as Issued;
  };
  return { run, make };
};

/**
 * A root on P-384, a CA below it on P-256 that may issue for example.com and 127.0.0.0/8 and may have none below it, and what it
 * issued; beside them what OpenSSL issued with the same keys, and ours would not.
 */
export async function createPki(folder: string) {
  const at = (name: string): string => join(folder, name);
  const { run, make } = sealtrackIn(folder);
  const openssl = async (...args: readonly string[]): Promise<void> => {
    const { code, text } = await tool('openssl', args, { cwd: folder });
    if (code !== 0) throw new Error(`openssl ${args.join(' ')}: ${text}`);
  };
  const named = ['--o', 'Example', '--c', 'DE'];
  await make(
    'create-ca',
    '--dir',
    'root',
    '--cn',
    'Interop Root',
    ...named,
    '--key-type',
    'p384',
    '--path-length',
    '1',
  );
  const limits = ['--path-length', '0', '--permit', 'example.com', '--permit', '127.0.0.0/8'];
  const below = [
    '--dir',
    'root',
    '--name',
    'media',
    '--cn',
    'Interop Media CA',
    ...named,
    '--key-type',
    'p256',
  ];
  await make('create-intermediate', ...below, ...limits);
  const issue = (host: string, ...more: readonly string[]): Promise<Issued> =>
    make('create-cert', '--dir', 'root/media', '--key-type', 'p256', '--host', host, ...more);
  const server = await issue('media.example.com', '--host', 'localhost.example.com', '--host', '127.0.0.1');
  const client = await issue('pipeline.example.com', '--usage', 'client');
  const revoked = await issue('old.example.com');
  await make('revoke', revoked.serial, '--dir', 'root/media', '--reason', 'keyCompromise');
  for (const dir of ['root', 'root/media']) await make('crl', '--dir', dir, '--der');

  const ca = 'root/media/ca_conf';
  const request = async (name: string, subject: string, ...more: readonly string[]): Promise<void> => {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', `${name}.key`];
    await openssl('req', '-new', ...key, '-subj', subject, '-out', `${name}.csr`, ...more);
  };
  await request('outside', '/CN=media.example.org', '-addext', 'subjectAltName=DNS:media.example.org');
  await openssl(
    'ca',
    '-config',
    `${ca}/ca.conf`,
    '-batch',
    '-notext',
    '-in',
    'outside.csr',
    '-out',
    'outside.crt',
  );
  writeFileSync(
    at('deep.ext'),
    'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n',
  );
  writeFileSync(
    at('leaf.ext'),
    'subjectAltName=DNS:media.example.com\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n',
  );
  await request('deep', '/CN=Too Deep CA');
  const sign = (name: string, by: string, key: string, ext: string) =>
    openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      '-CA',
      by,
      '-CAkey',
      key,
      '-CAcreateserial',
      '-extfile',
      ext,
      '-out',
      `${name}.crt`,
      '-days',
      '30',
    );
  await sign('deep', `${ca}/ca_cert.pem`, `${ca}/ca_priv_key.pem`, 'deep.ext');
  await request('too-deep', '/CN=media.example.com');
  await sign('too-deep', 'deep.crt', 'deep.key', 'leaf.ext');

  const together = (name: string, ...files: readonly string[]): string => {
    writeFileSync(at(name), Buffer.concat(files.map((file) => readFileSync(at(file)))));
    return at(name);
  };
  const lists = ['root/ca_conf/ca_crl.pem', `${ca}/ca_crl.pem`];
  return {
    run,
    root: at('root/ca_conf/ca_cert.pem'),
    media: at(`${ca}/ca_cert.pem`),
    rootKey: at('root/ca_conf/ca_priv_key.pem'),
    deep: at('deep.crt'),
    crls: together('crls.pem', ...lists),
    /** The root, with all lists beside it. */
    trusted: together('trusted.pem', 'root/ca_conf/ca_cert.pem', ...lists),
    /** Both CAs: gnutls-cli wants the CAs of lists among those that it trusts. */
    authorities: together('authorities.pem', 'root/ca_conf/ca_cert.pem', `${ca}/ca_cert.pem`),
    crlsInDer: [at('root/ca_conf/ca_crl.der'), at(`${ca}/ca_crl.der`)],
    server,
    client,
    revoked,
    outside: together('outside.pem', 'outside.crt', `${ca}/ca_cert.pem`),
    tooDeep: together('too-deep.pem', 'too-deep.crt', 'deep.crt', `${ca}/ca_cert.pem`),
  };
}
