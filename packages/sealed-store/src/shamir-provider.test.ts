import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createShamirProvider, setOf } from './shamir-provider.ts';
import { readShareText, toShareText } from './share-text.ts';
import type { Split } from './unseal-provider.ts';

/** A provider, what it waits for, and a clock that is moved by hand. */
async function waiting(split: Split = { total: 5, threshold: 3 }) {
  const timers = new Map<symbol, { at: number; work: () => void }>();
  let now = 0;
  const after = (ms: number, work: () => void) => {
    const timer = Symbol();
    timers.set(timer, { at: now + ms, work });
    return () => void timers.delete(timer);
  };
  const provider = createShamirProvider({ after });
  const root = randomBytes(32);
  const { wrapped, shares } = await provider.shares.create(root, split);
  return {
    provider,
    root,
    wrapped,
    texts: shares,
    give: (...texts: (Buffer | undefined)[]) =>
      Promise.all(texts.map((text = Buffer.alloc(0)) => provider.shares.give(text, [wrapped]))),
    given: () => provider.shares.given(wrapped),
    pass: (ms: number) => {
      now += ms;
      for (const [timer, { at, work }] of timers) if (at <= now && timers.delete(timer)) work();
    },
  };
}
const MINUTE = 60_000;
const invalid = (why: string) => ({ code: 'UNSEAL_SHARE_INVALID', message: expect.stringContaining(why) });

describe('shares of an unseal key', () => {
  test('any threshold of them open it, fewer do not', async () => {
    const splits = fc
      .integer({ min: 2, max: 16 })
      .chain((total) =>
        fc.record({ total: fc.constant(total), threshold: fc.integer({ min: 2, max: total }) }),
      )
      .chain((split) =>
        fc.record({
          split: fc.constant(split),
          chosen: fc.shuffledSubarray([...Array(split.total).keys()], {
            minLength: split.threshold,
            maxLength: split.threshold,
          }),
        }),
      );
    await fc.assert(
      fc.asyncProperty(splits, async ({ split, chosen }) => {
        const { provider, root, wrapped, texts, give, given } = await waiting(split);
        expect(new Set(texts.map(String)).size).toBe(split.total);
        for (const [count, at] of chosen.entries()) {
          expect(given()).toBe(count);
          await expect(provider.unwrap(wrapped)).rejects.toMatchObject({ code: 'SEALED' });
          const [answer] = await give(texts[at]);
          expect(answer?.complete).toBe(count + 1 === split.threshold);
        }
        expect((await provider.unwrap(wrapped)).equals(root)).toBe(true);
        expect(given()).toBe(0);
      }),
      { numRuns: 40 },
    );
  });

  test.each([
    { total: 1, threshold: 1 },
    { total: 2, threshold: 1 },
    { total: 3, threshold: 4 },
    { total: 17, threshold: 2 },
    { total: 3.5, threshold: 2 },
    { total: Number.NaN, threshold: Number.NaN },
  ])('are not made as %j', async (split) => {
    await expect(waiting(split)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  test('one that is given twice counts once', async () => {
    const { give, given, texts } = await waiting();
    await give(texts[0], texts[0], texts[1], texts[0]);
    expect(given()).toBe(2);
  });

  test('are dropped ten minutes after the last, and by forget', async () => {
    const { give, given, texts, pass, provider, wrapped } = await waiting();
    await give(texts[0]);
    pass(9 * MINUTE);
    await give(texts[1]);
    pass(9 * MINUTE);
    expect(given()).toBe(2);
    pass(MINUTE);
    expect(given()).toBe(0);
    await give(texts[0], texts[1]);
    provider.forget();
    expect(given()).toBe(0);
    await give(...texts.slice(0, 3));
    provider.forget();
    await expect(provider.unwrap(wrapped)).rejects.toMatchObject({ code: 'SEALED' });
  });

  test('of another set are named as such, and change nothing', async () => {
    const { give, given, texts, wrapped } = await waiting();
    const other = await waiting();
    await give(texts[0]);
    const [stranger] = other.texts;
    await expect(give(stranger)).rejects.toMatchObject(invalid(setOf(other.wrapped)));
    await expect(give(stranger)).rejects.toMatchObject(invalid(setOf(wrapped)));
    expect(given()).toBe(1);
  });

  test('with a forged one among them do not open it, and all are dropped', async () => {
    const { give, given, texts, provider, wrapped } = await waiting();
    const { set } = readShareText(texts[0] ?? Buffer.alloc(0));
    const forged = toShareText({ set, bytes: new Uint8Array(randomBytes(33)) });
    await give(texts[0], texts[1]);
    await expect(give(forged)).rejects.toMatchObject(invalid('All of them were dropped'));
    expect(given()).toBe(0);
    await expect(provider.unwrap(wrapped)).rejects.toMatchObject({ code: 'SEALED' });
    await give(texts[4], texts[2], texts[3]);
    expect(provider.isCurrent(wrapped)).toBe(true);
  });

  test('of which two claim to be the same do not open it', async () => {
    const { give, given, texts } = await waiting();
    const { set, bytes } = readShareText(texts[0] ?? Buffer.alloc(0));
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    await give(texts[0], texts[1]);
    await expect(give(toShareText({ set, bytes }))).rejects.toMatchObject(invalid('dropped'));
    expect(given()).toBe(0);
  });

  test('leave the caller his text, and are not shown', async () => {
    const { give, texts, provider, wrapped } = await waiting();
    const [text = Buffer.alloc(0)] = texts;
    const before = text.toString();
    await give(text, texts[1]);
    expect(text.toString()).toBe(before);
    const shown =
      inspect({ provider, wrapped }, { depth: 9, showHidden: true }) + JSON.stringify({ provider, wrapped });
    for (const group of before.split('-').slice(2)) expect(shown).not.toContain(group);
  });

  test('of the same key split twice have nothing in common', async () => {
    // Were the library's randomness to fail, shares of one secret would repeat.
    const seen = new Set<string>();
    for (let time = 0; time < 20; time++)
      for (const text of (await waiting({ total: 2, threshold: 2 })).texts) seen.add(text.toString());
    expect(seen.size).toBe(40);
  });
});
