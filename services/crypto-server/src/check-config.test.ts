import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig } from '@sealtrack/service-kit/config';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll, expect, test } from 'vitest';
import { checkConfig } from './check-config.ts';
import { config } from './config.ts';

const folder = await temporaryFolder();
const gone = join(folder.path, 'gone.pem');
const key = join(folder.path, 'unseal.key');
writeFileSync(key, Buffer.alloc(32, 7).toString('base64url'), { mode: 0o600 });
afterAll(() => folder.remove());

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const check = (env: Readonly<Record<string, string>>) =>
  checkConfig(
    parseConfig(config, {
      SEALTRACK_NATS_URL: 'nats://127.0.0.1:4222',
      SEALTRACK_REDIS_URL: 'redis://127.0.0.1:6379',
      SEALTRACK_BACKUP_DIR: folder.path,
      SEALTRACK_MEDIA_STORE: 'file:///media',
      SEALTRACK_METADATA_ADDRESS: '127.0.0.1:7012',
      ...env,
    }),
    silent,
  );

test('what can work is let through', async () => {
  await check({ SEALTRACK_UNSEAL_KEY_FILE: key });
  await check({ SEALTRACK_UNSEAL_WITH: 'shamir' });
});

test.each([
  ['no unseal key', {}, 'SEALTRACK_UNSEAL_KEY_FILE'],
  ['a short one', { SEALTRACK_UNSEAL_KEY: 'abc' }, 'Restore it'],
  ['a key beside shares', { SEALTRACK_UNSEAL_WITH: 'shamir', SEALTRACK_UNSEAL_KEY_FILE: key }, 'Unset'],
  [
    'roots and none',
    { SEALTRACK_UNSEAL_KEY_FILE: key, SEALTRACK_TRUST: 'roots' },
    'SEALTRACK_TRUST_ROOTS_FILE',
  ],
  ['no file of roots', { SEALTRACK_UNSEAL_KEY_FILE: key, SEALTRACK_TRUST_ROOTS_FILE: gone }, 'PEM'],
  ['no file of lists', { SEALTRACK_UNSEAL_KEY_FILE: key, SEALTRACK_CRL_FILE: gone }, 'PEM'],
  ['no approvers', { SEALTRACK_UNSEAL_KEY_FILE: key, SEALTRACK_APPROVERS_FILE: gone }, 'approvers'],
])('%s is refused', async (_, env, fix) => {
  await expect(check(env)).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    fix: expect.stringContaining(fix),
  });
});
