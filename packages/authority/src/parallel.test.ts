import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { expect, test } from 'vitest';
import { layoutOf } from './layout.ts';
import { openAuthority, openAuthorityKey } from './open-authority.ts';
import { publishCrl } from './publish-crl.ts';
import { revokeCertificate } from './revoke-certificate.ts';
import { newAuthority, newCertificate, openssl } from './testing/authority.ts';
import { checkHealed } from './testing/check-folder.ts';

const CHILD = join(import.meta.dirname, 'testing/issue-child.ts');

test('twenty processes at once issue twenty certificates, while others are revoked and lists published', async () => {
  await using folder = await temporaryFolder();
  const dir = folder.path;
  const layout = layoutOf(dir);
  await newAuthority(dir);
  const { serial: first } = await newCertificate(dir);
  const authority = await openAuthority(dir);
  const key = await openAuthorityKey(authority, new Uint8Array());
  const now = new Date();
  const issue = (_: unknown, i: number): Promise<string> =>
    text(
      spawn(process.execPath, [CHILD, dir, `host-${i}.example.com`], { stdio: ['ignore', 'pipe', 'inherit'] })
        .stdout,
    );
  const publish = () => publishCrl(authority, key, { days: 7, digest: 'sha256', now });
  const [serials, published] = await Promise.all([
    Promise.all(Array.from({ length: 20 }, issue)),
    Promise.all(Array.from({ length: 10 }, publish)),
    revokeCertificate(layout, first, { reason: 'superseded', cwd: dir, now }),
  ]);
  expect(new Set(serials).size).toBe(20);
  expect((await checkHealed(layout)).toSorted()).toEqual([first, ...serials].toSorted());
  const numbers = published.map(({ number }) => Number(number));
  expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 10 }, (_, i) => i + 1));
  expect(openssl(dir, 'crl', '-in', layout.crl, '-noout', '-crlnumber')).toContain('crlNumber=0x0A');
  await expect(
    revokeCertificate(layout, first, { reason: 'superseded', cwd: dir, now }),
  ).rejects.toMatchObject({
    code: 'CERTIFICATE_CONFLICT',
  });
}, 60_000);
