import { IvrProfile } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import type { CertificateId, TenantId } from '@sealtrack/ids/ids';
import { expect, test } from 'vitest';
import { createKvAssignments } from './kv-assignments.ts';

const entry = (key: string, value: string) => ({ key, value: Buffer.from(value), revision: 1 });
const profile = (key: string, certificateId: string) =>
  entry(
    key,
    JSON.stringify(
      IvrProfile.toJSON(
        IvrProfile.fromJSON({ profileId: key.split('.')[1], certificates: [{ certificateId }] }),
      ),
    ),
  );

test('finds the profiles of the tenant that name the certificate, whatever else is in the bucket', async () => {
  const entries = [
    profile('demo.101', 'a'),
    profile('demo.102', 'b'),
    profile('demo-2.103', 'a'),
    entry('demo.104', 'damaged'),
    profile('demo.105', 'a'),
  ];
  const { profilesOf } = createKvAssignments({ list: async () => entries });
  expect(await profilesOf('demo' as TenantId, 'a' as CertificateId)).toEqual(['101', '105']);
});
