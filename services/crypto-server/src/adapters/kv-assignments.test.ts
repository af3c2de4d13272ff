import {
  HoldingKey,
  IvrProfile,
  ScreenSettings,
} from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import type { CertificateId, TenantId } from '@sealtrack/ids/ids';
import { expect, test } from 'vitest';
import { createKvAssignments } from './kv-assignments.ts';

const entry = (key: string, value: unknown) => ({
  key,
  value: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
  revision: 1,
});
const named = (...ids: string[]) => ({ certificates: ids.map((certificateId) => ({ certificateId })) });
const profile = (key: string, more: object) =>
  entry(key, IvrProfile.toJSON(IvrProfile.fromJSON({ profileId: key.split('.')[1], ...more })));
const uses = (entries: ReturnType<typeof entry>[], certificateId: string) =>
  createKvAssignments({ list: async () => entries }).usesOf(
    'demo' as TenantId,
    certificateId as CertificateId,
  );
const NONE = { profiles: [], screen: false, holding: false };

test('finds the profiles of the tenant that name the certificate, whatever else is in the bucket', async () => {
  const entries = [
    profile('demo.101', named('a')),
    profile('demo.102', named('b')),
    profile('demo-2.103', named('a')),
    entry('demo.104', 'damaged'),
    profile('demo.105', named('c', 'a')),
    entry('demo.screen', 'damaged'),
    entry('demo.holding', 'damaged'),
  ];
  expect(await uses(entries, 'a')).toEqual({ ...NONE, profiles: ['101', '105'] });
});

test('a profile that has it for screens or digital media only counts too, and once', async () => {
  const entries = [
    profile('demo.101', { screen: named('a') }),
    profile('demo.102', { digital: named('a'), screen: named('a'), ...named('a') }),
    profile('demo.103', { digital: named('b') }),
    profile('demo.104', { digital: named('a') }),
  ];
  expect(await uses(entries, 'a')).toEqual({ ...NONE, profiles: ['101', '102', '104'] });
});

test("finds it in the tenant's screen settings and as its holding key, and in no other tenant's", async () => {
  const of = (tenant: string) => [
    entry(`${tenant}.screen`, ScreenSettings.toJSON(ScreenSettings.fromJSON(named('a')))),
    entry(
      `${tenant}.holding`,
      HoldingKey.toJSON(HoldingKey.fromJSON({ certificate: { certificateId: 'h' } })),
    ),
  ];
  expect(await uses(of('demo'), 'a')).toEqual({ ...NONE, screen: true });
  expect(await uses(of('demo'), 'h')).toEqual({ ...NONE, holding: true });
  expect(await uses(of('demo'), 'x')).toEqual(NONE);
  for (const id of ['a', 'h']) expect(await uses(of('demo-2'), id)).toEqual(NONE);
});
