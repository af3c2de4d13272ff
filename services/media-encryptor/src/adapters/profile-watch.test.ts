import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import type { KvChange } from '@sealtrack/bus/kv-watch';
import { createSelfSigned } from '@sealtrack/certificates/self-signed';
import { IvrProfile } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { SUBJECTS } from '@sealtrack/contracts/subjects';
import type { ProfileId, TenantId } from '@sealtrack/ids/ids';
import { expect, test, vi } from 'vitest';
import { watchProfiles } from './profile-watch.ts';

const [tenantId, profileId] = ['demo' as TenantId, '101' as ProfileId];

/** As was good enough for a profile once. */
function signedWithSha1(): Buffer {
  const args = 'req -x509 -newkey rsa:2048 -nodes -keyout /dev/null -subj /CN=Old -sha1 -days 30'.split(' ');
  return new X509Certificate(execFileSync('openssl', args, { stdio: 'pipe' })).raw;
}

test('a certificate that is too weak by now is left out, and the others of its profile go on being used', async () => {
  const { certificateDer } = await createSelfSigned({ commonName: 'New' });
  const certificates = [signedWithSha1(), certificateDer].map((der) => ({ der }));
  const profile = IvrProfile.fromPartial({ tenantId, profileId, suite: 'pkcs7', certificates });
  const value = Buffer.from(JSON.stringify(IvrProfile.toJSON(profile)));
  const change: KvChange = { key: SUBJECTS.profileKey(tenantId, profileId), value, revision: 1 };
  const kv = {
    async *watch() {
      yield { entries: [change], upToDate: true };
    },
  };
  const log = { info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const profiles = watchProfiles(kv as never, log as never, new AbortController().signal);
  await profiles.done;
  const found = profiles.get(tenantId, profileId).certificates;
  expect(found).toHaveLength(1);
  expect(found[0]?.certificateId).toMatch(/^[0-9a-f]{64}$/);
  expect(log.error).not.toHaveBeenCalled();
  expect(log.warn).toHaveBeenCalledWith(
    expect.objectContaining({ weaknesses: ['sha1-signature'] }),
    expect.stringContaining('too weak'),
  );
});
