import { AppError } from '@sealtrack/errors/app-error';
import { describe, expect, test } from 'vitest';
import { plaintextOf } from './testing/media.ts';
import { openForeign } from './testing/open-foreign.ts';
import { createOwners } from './testing/owners.ts';
import { createWorkbench } from './testing/workbench.ts';

const bench = await createWorkbench();
const [anna, bert] = await createOwners(bench, [2048, 2048]);
const plaintext = plaintextOf(700);
const input = bench.write(plaintext);

async function encrypt(...options: readonly string[]): Promise<Buffer> {
  const output = bench.fresh();
  const files = ['-in', input, '-out', output, '-outform', 'DER'];
  const to = [anna.certificateFile, bert.certificateFile];
  await bench.openssl('cms', '-encrypt', '-binary', ...files, ...options, ...to);
  return bench.read(output);
}

const flip = (file: Buffer, at: number): Buffer => {
  const damaged = Buffer.from(file);
  damaged[at] = (damaged[at] ?? 0) ^ (1 << (at % 8));
  return damaged;
};

/** What came out before it ended, and the error it ended with. Anything but an AppError is thrown on. */
async function outcome(file: Buffer): Promise<{ emitted: Buffer; error: AppError | undefined }> {
  const emitted: Buffer[] = [];
  try {
    await openForeign(file, anna, undefined, (chunk) => emitted.push(Buffer.from(chunk)));
    return { emitted: Buffer.concat(emitted), error: undefined };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { emitted: Buffer.concat(emitted), error };
  }
}

/** With the distance between the bytes that are damaged: all of them once, and others in passing. */
const FORMS = [
  ['DER', 1, []],
  ['BER', 5, ['-stream']],
  ['with key identifiers', 5, ['-keyid']],
] as const;

const positions = (file: Buffer, step: number): number[] => [...file.keys()].filter((at) => at % step === 0);

describe.each(FORMS)('authenticated (GCM), %s', (_, step, form) => {
  test('a flipped bit anywhere is an error without a byte, or changes nothing that is read', async () => {
    const file = await encrypt('-aes-256-gcm', ...form);
    let refused = 0;
    for (const at of positions(file, step)) {
      const { emitted, error } = await outcome(flip(file, at));
      if (error === undefined) expect(emitted.equals(plaintext)).toBe(true);
      else expect(emitted.length).toBe(0);
      if (error !== undefined) refused += 1;
    }
    // The other recipient, and what only describes, are not ours to judge.
    expect(refused).toBeGreaterThan(900 / step);
    for (const at of [file.length - 1, file.indexOf(anna.recipient.issuerAndSerial)]) {
      if (form.length === 0) expect((await outcome(flip(file, at))).error).toBeDefined();
    }
  });

  test('cut off anywhere it is an error without a byte', async () => {
    const file = await encrypt('-aes-256-gcm', ...form);
    for (const at of positions(file, step)) {
      const { emitted, error } = await outcome(file.subarray(0, at));
      expect([error?.name, emitted.length]).toEqual(['AppError', 0]);
    }
  });
});

describe.each(FORMS)('not authenticated (CBC), %s', (_, step, form) => {
  test('a flipped bit anywhere is an error of ours or opens: nothing else ever happens', async () => {
    const file = await encrypt('-aes-256-cbc', ...form);
    let refused = 0;
    for (const at of positions(file, step))
      if ((await outcome(flip(file, at))).error !== undefined) refused += 1;
    expect(refused).toBeGreaterThan(250 / step);
  });

  test('cut off anywhere it is an error without a byte', async () => {
    const file = await encrypt('-aes-256-cbc', ...form);
    for (const at of positions(file, step)) {
      const { emitted, error } = await outcome(file.subarray(0, at));
      expect([error?.name, emitted.length]).toEqual(['AppError', 0]);
    }
  });
});

test('where a damaged CBC ciphertext still opens, OpenSSL opens it to the same', async () => {
  const file = await encrypt('-aes-256-cbc');
  const start = file.length - 704;
  let opened = 0;
  for (const at of [start, start + 1, start + 350, file.length - 33, file.length - 17, file.length - 1]) {
    const damaged = flip(file, at);
    const { emitted, error } = await outcome(damaged);
    const identity = ['-inkey', anna.keyFile, '-recip', anna.certificateFile];
    const decrypt = ['-decrypt', '-binary', '-inform', 'DER', '-in', bench.write(damaged), ...identity];
    const theirs = await bench.openssl('cms', ...decrypt).catch(() => undefined);
    expect(theirs === undefined).toBe(error !== undefined);
    if (theirs === undefined) continue;
    opened += 1;
    expect(emitted.equals(theirs)).toBe(true);
  }
  expect(opened).toBeGreaterThan(3);
});
