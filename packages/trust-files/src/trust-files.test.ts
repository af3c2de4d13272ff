import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { parseCertificate } from '@sealtrack/certificates/certificate';
import { readBundle } from '@sealtrack/certificates/x509/pem-bundle';
import { RECORDING_POLICY } from '@sealtrack/certificates/x509/policy';
import { createChainValidator } from '@sealtrack/certificates/x509/validate-chain';
import { noteLines } from '@sealtrack/service-kit/testing/note-lines';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openTrustFiles } from './trust-files.ts';

const folder = await temporaryFolder();
afterAll(() => folder.remove());
const at = (name: string) => `${folder.path}/${name}`;
const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder.path, stdio: 'pipe' });

/** A CA that openssl keeps, with one certificate for recordings. */
function makeCa(name: string) {
  const config = `${name}.cnf`;
  writeFileSync(
    at(config),
    [
      ...['[ca]', 'default_ca=here', '[here]', `database=${at(name)}.db`, `serial=${at(name)}.srl`],
      ...[`new_certs_dir=${folder.path}`, `certificate=${at(name)}.pem`, `private_key=${at(name)}.key`],
      ...['default_md=sha256', 'policy=any', `crlnumber=${at(name)}.crlnumber`, 'default_crl_days=30'],
      ...['crl_extensions=crl', 'unique_subject=no', '[any]', 'commonName=supplied'],
      ...['[crl]', 'authorityKeyIdentifier=keyid', '[req]', 'distinguished_name=none', '[none]'],
      ...['[leaf]', 'basicConstraints=critical,CA:FALSE', 'keyUsage=critical,keyEncipherment'],
      ...['subjectKeyIdentifier=hash', 'authorityKeyIdentifier=keyid'],
    ].join('\n'),
  );
  writeFileSync(at(`${name}.db`), '');
  for (const file of ['srl', 'crlnumber']) writeFileSync(at(`${name}.${file}`), '1000\n');
  const key = ['-newkey', 'rsa:2048', '-nodes'];
  openssl(
    ...['req', '-x509', ...key, '-days', '30', '-subj', `/CN=${name}`, '-keyout', `${name}.key`],
    ...['-out', `${name}.pem`, '-addext', 'keyUsage=critical,keyCertSign,cRLSign'],
  );
  openssl('req', ...key, '-subj', '/CN=Sales', '-keyout', `${name}-leaf.key`, '-out', `${name}-leaf.csr`);
  const quiet = ['ca', '-batch', '-config', config];
  openssl(
    ...[...quiet, '-days', '20', '-notext', '-extensions', 'leaf', '-in', `${name}-leaf.csr`],
    ...['-out', `${name}-leaf.pem`],
  );
  const leaf = parseCertificate(readFileSync(at(`${name}-leaf.pem`)));
  return {
    leaf,
    pem: readFileSync(at(`${name}.pem`)),
    der: readBundle(readFileSync(at(`${name}.pem`)), 'CERTIFICATE'),
    revoke: () => void openssl(...quiet, '-revoke', `${name}-leaf.pem`),
    crl: () => {
      openssl(...quiet, '-gencrl', '-out', `${name}.crl`);
      return readFileSync(at(`${name}.crl`));
    },
  };
}

const ca = makeCa('ca');
const other = makeCa('other');
const { log } = noteLines();

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
afterEach(() => void vi.useRealTimers());
/** Lets a second pass until what was read of the files is so. */
const becomes = <T>(read: () => T, expected: T) =>
  vi.waitFor(
    async () => {
      await vi.advanceTimersByTimeAsync(1_000);
      expect(read()).toEqual(expected);
    },
    { timeout: 30_000, interval: 10 },
  );

describe('the files that there are', () => {
  test('none: nobody is trusted, and nothing is watched', async () => {
    using files = await openTrustFiles({ rootsFile: undefined, crlFile: undefined }, log);
    expect([files.roots(), files.crls(), vi.getTimerCount()]).toEqual([[], [], 0]);
  });

  test('are read whole, and no more when they are disposed', async () => {
    writeFileSync(at('roots.pem'), Buffer.concat([ca.pem, other.pem]));
    writeFileSync(at('crls.pem'), Buffer.concat([ca.crl(), other.crl()]));
    const files = await openTrustFiles({ rootsFile: at('roots.pem'), crlFile: at('crls.pem') }, log);
    expect(files.roots().map(({ der }) => der)).toEqual([...ca.der, ...other.der]);
    expect(files.crls()).toHaveLength(2);
    expect(vi.getTimerCount()).toBe(2);
    files[Symbol.dispose]();
    expect(vi.getTimerCount()).toBe(0);
  });

  test.each([
    ['roots', 'with nothing in it', ''],
    ['roots', 'of revocation lists', ca.crl()],
    ['crls', 'with nothing in it', ''],
    ['crls', 'of certificates', ca.pem],
    ['crls', 'that is cut off', ca.crl().subarray(0, 300)],
  ])('a file of %s %s is refused, and the other is not watched', async (kind, _, content) => {
    writeFileSync(at('good.pem'), ca.pem);
    writeFileSync(at('bad.pem'), content);
    const opening = openTrustFiles(
      kind === 'roots'
        ? { rootsFile: at('bad.pem'), crlFile: undefined }
        : { rootsFile: at('good.pem'), crlFile: at('bad.pem') },
      log,
    );
    await expect(opening).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(at('bad.pem')),
    });
    expect(vi.getTimerCount()).toBe(0);
  });
});

test('a certificate that was good is not any more as soon as it is on a list; nor when its root is taken out', async () => {
  writeFileSync(at('roots.pem'), Buffer.concat([ca.pem, other.pem]));
  writeFileSync(at('crls.pem'), ca.crl());
  const onChange = vi.fn();
  using files = await openTrustFiles({ rootsFile: at('roots.pem'), crlFile: at('crls.pem'), onChange }, log);
  const validator = createChainValidator(RECORDING_POLICY);
  const problemOf = ({ leaf }: typeof ca) => {
    const chain = { leaf: leaf.der, intermediates: [], anchors: files.roots(), crls: files.crls() };
    const result = validator.validate(chain, new Date());
    return result.ok ? '' : result.problem;
  };
  const problems = () => [ca, other].map(problemOf);
  // The other CA has no list, and so revokes nothing.
  expect(problems()).toEqual(['', '']);
  const [roots, crls] = [files.roots(), files.crls()];

  ca.revoke();
  writeFileSync(at('crls.pem'), ca.crl());
  await becomes(problems, ['revoked', '']);
  expect(onChange).toHaveBeenCalledOnce();
  expect([files.roots() === roots, files.crls() === crls]).toEqual([true, false]);

  writeFileSync(at('roots.pem'), ca.pem);
  await becomes(() => files.roots().length, 1);
  expect(problems()).toEqual(['revoked', 'issuer-unknown']);
});
