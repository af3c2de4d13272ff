/**
 * Run by fs-crash.test.ts: creates objects, eight at a time, and prints the key of each that is durable; or replaces one
 * again and again, and prints what each that is durable holds.
 */
import { openFsStore } from './fs-store.ts';

/** What belongs under a key: `<folder>/<run>-<number>-<size>`. */
export async function* sourceOf(key: string): AsyncGenerator<Uint8Array> {
  const [, run = 0, number = 0, size = 0] = key.split(/[/-]/).map(Number);
  for (let at = 0; at < size; at += 50_000)
    yield Buffer.alloc(Math.min(50_000, size - at), run * 31 + number);
}

async function createForEver(root: string, run: number): Promise<void> {
  const store = await openFsStore(root);
  let number = 0;
  async function one(): Promise<void> {
    for (;;) {
      number += 1;
      const size = number % 3 === 0 ? 100 : 400_000 + number;
      const key = `f${number % 5}/${run}-${number}-${size}`;
      await store.create(key, sourceOf(key));
      process.stdout.write(`${key}\n`);
    }
  }
  await Promise.all(Array.from({ length: 8 }, one));
}

export const REPLACED = 'f0/replaced';

async function replaceForEver(root: string, run: number): Promise<void> {
  const store = await openFsStore(root);
  for (let number = 0; ; number++) {
    // Of another size each time, the longer ones in several writes.
    const holds = `f0/${run}-${number % 256}-${(number % 4) * 200_000 + number + 1}`;
    await store.replace(REPLACED, sourceOf(holds));
    process.stdout.write(`${holds}\n`);
  }
}

const [, script, root, run, work] = process.argv;
if (script === import.meta.filename && root !== undefined)
  await (work === 'replace' ? replaceForEver : createForEver)(root, Number(run));
