import type { KeyringStatus, RotationProgress } from '@sealtrack/sealed-store/keyring';
import { noteLines } from '@sealtrack/service-kit/testing/note-lines';
import { expect, test } from 'vitest';
import { createRotateRoot } from './rotate-root.ts';
import { createRotateSeal } from './rotate-seal.ts';

const status: KeyringStatus = { state: 'open', provider: 'key', currentKek: 2, rootId: 'root' };

async function rotate(total: number, failAt = Number.POSITIVE_INFINITY) {
  const said: (string | number)[] = [];
  const { lines, log } = noteLines();
  const asked = new AbortController();
  const keyring = {
    status: () => status,
    async *rotateSeal(signal?: AbortSignal): AsyncGenerator<RotationProgress, void, undefined> {
      expect(signal).toBe(asked.signal);
      for (let done = 1; done <= total; done += 1) {
        if (done === failAt) throw new Error('it does not open');
        yield { kek: 2, done, total };
      }
    },
  };
  const renewBackups = async (signal: AbortSignal) => {
    expect(signal).toBe(asked.signal);
    said.push('copies');
  };
  const rotating = createRotateSeal(keyring, renewBackups, log)(asked.signal);
  let failure: unknown;
  try {
    for await (const { done, total: all, status: state } of rotating) {
      expect([all, state?.kekNumber]).toEqual([BigInt(total), 2]);
      said.push(Number(done));
    }
  } catch (error) {
    failure = error;
  }
  return { said, lines, failure };
}

test('progress is said now and again, and the end when the copies are renewed', async () => {
  expect((await rotate(60)).said).toEqual([25, 50, 'copies', 60]);
  expect((await rotate(25)).said).toEqual([25, 'copies', 25]);
  const { said, lines } = await rotate(0);
  expect(said).toEqual(['copies', 0]);
  expect(lines).toMatchObject([
    { level: 'info', message: expect.stringMatching(/sealing/) },
    {
      level: 'info',
      fields: { done: 0, total: 0, kek: 2 },
      message: expect.stringMatching(/is sealed anew/),
    },
  ]);
});

test('what fails is thrown, and is not said to be done', async () => {
  const { said, lines, failure } = await rotate(60, 30);
  expect(said).toEqual([25]);
  expect(failure).toMatchObject({ message: 'it does not open' });
  expect(lines).toHaveLength(1);
});

test('a root that was exchanged is in the answer and in the log', async () => {
  const { lines, log } = noteLines();
  const answer = await createRotateRoot({ rotateRoot: async () => status }, log)();
  expect(answer.status).toMatchObject({ rootId: 'root', kekNumber: 2 });
  expect(lines).toMatchObject([{ fields: { rootId: 'root' } }]);
});
