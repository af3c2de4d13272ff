import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { createCertificateDirectory } from './certificate-directory.ts';

test('what was read over a connection that ended is not gone on from', async () => {
  const asked: string[] = [];
  const client = Object.assign(new EventEmitter(), {
    zrangebyscore: async (_: string, from: string) => {
      asked.push(from);
      return ['id', '100'];
    },
    mget: async () => {
      if (asked.length === 1) client.emit('close');
      return [null];
    },
  });
  const { page } = createCertificateDirectory({ client } as never);
  const query = { words: [], after: undefined, limit: 10, deleted: 'none' } as const;
  await page('demo', query);
  await page('demo', query);
  await page('demo', query);
  expect(asked).toEqual(['(0', '(0', '(100']);
});
