import { decodeArmor } from '@sealtrack/envelope/armor';
import { parseEnvelope } from '@sealtrack/envelope/envelope';
import { splicePkcs7 } from '@sealtrack/envelope/splice';
import { unsplice } from '@sealtrack/envelope/unsplice';
import { type Effort, type Mutation, mutateBytes } from '../bytes/mutate-bytes.ts';
import { mutateDer } from '../bytes/mutate-der.ts';
import { createNumbers } from '../bytes/numbers.ts';
import { attempt, attemptLater, must } from '../judge.ts';
import { openUntagged } from '../open-untagged.ts';
import { loadFile, type Original } from '../originals.ts';
import { readContent } from '../read-content.ts';
import { inChunks } from '../store.ts';
import type { Target } from '../target.ts';

/** A file with its ciphertext in it, in DER or BER, in PEM or S/MIME: taken apart, verified, and only then opened. */
export const file = (name: string, original: Original, other: Buffer, effort: Effort): Target => ({
  name: `file ${name}`,
  *mutants() {
    const whole = loadFile(name);
    const numbers = createNumbers(`file ${name}`);
    for (const { what, bytes } of [...elementsOf(whole), ...mutateBytes(whole, other, name, effort)]) {
      const chunk = 1 + numbers(numbers(8) === 0 ? 40 : 4000);
      yield { what, bytes, check: () => checkFile(original, bytes, chunk) };
    }
  },
});

/** Of a file without armour. */
const elementsOf = (whole: Buffer): Iterable<Mutation> => (whole[0] === 0x30 ? mutateDer(whole) : []);

async function checkFile(original: Original, bytes: Buffer, chunk: number): Promise<string> {
  const taken = await attemptLater(
    () => takeApart(decodeArmor(counted(bytes, chunk)), bytes.length),
    'ENVELOPE_INVALID',
  );
  const atOnce = await attemptLater(
    () => takeApart(decodeArmor(counted(bytes, bytes.length)), bytes.length),
    'ENVELOPE_INVALID',
  );
  must(taken.code === atOnce.code, 'how the file comes in makes a difference');
  if (taken.code !== undefined || atOnce.code !== undefined) return 'not a file: ENVELOPE_INVALID';
  const { ciphertext, der } = taken.result;
  must(der.equals(atOnce.result.der), 'how the file comes in makes a difference to its envelope');
  must(
    ciphertext?.equals(atOnce.result.ciphertext ?? der) !== false,
    'how the file comes in makes a difference to its content',
  );

  if (bytes[0] === 0x30) expectContent(bytes, ciphertext);

  const parsed = attempt(() => parseEnvelope(der), 'ENVELOPE_INVALID');
  if (parsed.code !== undefined) return 'no envelope: ENVELOPE_INVALID';
  const envelope = parsed.result;
  await expectTheSameAgain(der, ciphertext);
  if (ciphertext === undefined) return 'detached';
  const { owner, plaintext } = original;
  const unwrapped = await attemptLater(() => owner.unwrap(envelope), 'KEY_NOT_HELD', 'ENVELOPE_INVALID');
  if (unwrapped.code !== undefined) return unwrapped.code;
  return openUntagged(envelope, unwrapped.result, ciphertext, plaintext, chunk);
}

function expectContent(bytes: Buffer, ciphertext: Buffer | undefined): void {
  const content = readContent(bytes);
  if (content === 'not read') return;
  must(
    content?.equals(ciphertext ?? bytes) ?? ciphertext === undefined,
    'another content than is in the file',
  );
}

/** What can be read can be written: the two put together and taken apart again. */
async function expectTheSameAgain(der: Buffer, ciphertext: Buffer | undefined): Promise<void> {
  if (ciphertext === undefined) return;
  const { prefix, suffix, size } = splicePkcs7(der, ciphertext.length);
  const spliced = Buffer.concat([prefix, ciphertext, suffix]);
  must(spliced.length === size, 'a spliced file of another size');
  const again = await takeApart(inChunks(spliced, 1000), spliced.length);
  must(
    again.der.equals(der) && again.ciphertext?.equals(ciphertext) === true,
    'splicing and unsplicing change it',
  );
}

async function takeApart(
  source: AsyncIterable<Uint8Array>,
  size: number,
): Promise<{ readonly der: Buffer; readonly ciphertext: Buffer | undefined }> {
  const { ciphertext, envelope } = await unsplice(source);
  if (ciphertext === undefined) return { ciphertext, der: envelope() };
  const parts: Buffer[] = [];
  let taken = 0;
  for await (const part of ciphertext) {
    taken += part.length;
    must(part.length > 0 && taken <= size, 'more content than there is file');
    parts.push(Buffer.from(part));
  }
  return { ciphertext: Buffer.concat(parts), der: envelope() };
}

/** A source that notices when it is asked again after its end. */
function counted(bytes: Buffer, chunk: number): AsyncIterable<Buffer> {
  const chunks = inChunks(bytes, Math.max(chunk, 1));
  let asked = 0;
  const most = Math.ceil(bytes.length / Math.max(chunk, 1)) + 1;
  return {
    [Symbol.asyncIterator]: () => ({
      next() {
        asked += 1;
        must(asked <= most, 'asked for more after the end');
        return chunks.next();
      },
      return: () => chunks.return(undefined),
    }),
  };
}
