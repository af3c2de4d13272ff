import { expect, test } from 'vitest';
import { shareRounds } from './fs-folders.ts';

test('those who ask while a round runs share the next one', async () => {
  const started: PromiseWithResolvers<void>[] = [];
  const sync = shareRounds(() => {
    const round = Promise.withResolvers<void>();
    started.push(round);
    return round.promise;
  });
  const first = sync('folder');
  const shared = [sync('folder'), sync('folder'), sync('folder')];
  expect(started).toHaveLength(1);

  started[0]?.resolve();
  await first;
  await expect.poll(() => started.length).toBe(2);
  started[1]?.resolve();
  await Promise.all(shared);
  expect(started).toHaveLength(2);

  sync('folder');
  expect(started).toHaveLength(3);
});

test('a round that fails fails only those it was for', async () => {
  const outcomes = [Promise.reject(new Error('no')), Promise.resolve()];
  const sync = shareRounds(() => outcomes.shift() ?? Promise.resolve());
  const first = sync('folder');
  const second = sync('folder');
  await expect(first).rejects.toThrow('no');
  await expect(second).resolves.toBeUndefined();
});

test('folders do not wait for one another', async () => {
  const sync = shareRounds((name) => (name === 'slow' ? new Promise(() => undefined) : Promise.resolve()));
  sync('slow');
  await expect(sync('quick')).resolves.toBeUndefined();
});
