import { AppError } from '@sealtrack/errors/app-error';

type Part<Header> =
  | { readonly $case: 'header'; readonly value: Header }
  | { readonly $case: 'chunk'; readonly value: Uint8Array };

/** Takes the header off a stream. The chunks have to be read to their end, or given up with `return`. */
export async function beginWith<Header>(
  parts: AsyncGenerator<Part<Header>>,
): Promise<{ header: Header; chunks: AsyncGenerator<Uint8Array> }> {
  const first = await parts.next();
  if (first.done || first.value.$case !== 'header') {
    await parts.return(undefined);
    throw malformed('it does not begin with a header');
  }
  return { header: first.value.value, chunks: chunksOf(parts) };
}

async function* chunksOf(parts: AsyncIterable<Part<unknown>>): AsyncGenerator<Uint8Array> {
  for await (const part of parts) {
    if (part.$case !== 'chunk') throw malformed('it has a second header');
    yield part.value;
  }
}

/** A stream that ends well has every byte that its header promised; this makes sure. */
export async function* exactly(
  chunks: AsyncIterable<Uint8Array>,
  promised: bigint,
): AsyncGenerator<Uint8Array> {
  let bytes = 0n;
  for await (const chunk of chunks) {
    bytes += BigInt(chunk.byteLength);
    yield chunk;
  }
  if (bytes !== promised) throw malformed(`it has ${bytes} bytes instead of ${promised}`);
}

const malformed = (how: string): AppError =>
  new AppError('INTERNAL', `The service's answer is not whole: ${how}`, {
    fix: 'Discard what came, and look into the log of crypto-server.',
  });
