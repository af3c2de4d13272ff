import { testRedis } from '@sealtrack/testkit/test-servers';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import type { Keyring } from './keyring.ts';
import { readSealHeader } from './seal-format.ts';
import { keyringsOn, secretOf } from './testing/keyring-fixture.ts';

const redisServer = await testRedis();
const fixture = keyringsOn(redisServer.url);
afterAll(() => fixture[Symbol.asyncDispose]());

const TENANTS = ['demo', 'other'];
const SERVERS = 3;
const step = fc.record({
  server: fc.nat({ max: SERVERS - 1 }),
  work: fc.oneof(
    fc.record({ put: fc.nat({ max: 5 }), tenant: fc.constantFrom(...TENANTS) }),
    fc.record({ rotateSealFor: fc.nat({ max: 8 }) }),
    fc.constant('rotate root' as const),
    fc.constant('restart' as const),
  ),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** What servers do, one after the other or several at a time. */
const runs = fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 8 });

test('whatever servers do, after each other or at once, every key opens everywhere', async () => {
  await fc.assert(
    fc.asyncProperty(runs, async (turns) => {
      await fixture.redis.client.flushall();
      const servers = Array.from({ length: SERVERS }, () => fixture.server());
      for (const server of servers) await server.open();
      const held = new Map<string, ReturnType<typeof secretOf>>();
      for (const turn of turns) await Promise.all(turn.map((each) => take(each, servers, held)));

      const [first] = servers;
      if (first !== undefined) await Array.fromAsync(first.rotateSeal());
      const numbers = new Set<number>();
      for (const { header, secret } of held.values()) {
        const jwe = (await fixture.keys.get(header.tenant, header.keyId)) ?? '';
        numbers.add(readSealHeader(jwe).kekNumber);
        for (const server of [...servers, await opened()])
          expect((await server.unsealKey(jwe, header)).equals(secret)).toBe(true);
      }
      expect(numbers.size).toBeLessThanOrEqual(1);
      expect((await fixture.keyrings.load())?.rotation).toBeUndefined();
    }),
    { numRuns: 40 },
  );
});

async function opened(): Promise<Keyring> {
  const keyring = fixture.server();
  await keyring.open();
  return keyring;
}

async function take(
  { server, work }: Step,
  servers: Keyring[],
  held: Map<string, ReturnType<typeof secretOf>>,
): Promise<void> {
  const keyring = servers[server];
  if (keyring === undefined) throw new Error('There is no such server');
  if (work === 'restart') servers[server] = await opened();
  else if (work === 'rotate root') await keyring.rotateRoot();
  else if ('put' in work) {
    const name = `${work.tenant} ${work.put}`;
    if (held.has(name)) return;
    const one = secretOf(name, work.tenant);
    held.set(name, one);
    await keyring.putKey(one.secret, one.header);
  } else {
    let left = work.rotateSealFor;
    for await (const _ of keyring.rotateSeal()) if (left-- === 0) break;
  }
}
