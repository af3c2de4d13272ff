import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Of all the media that passes through this process. */
const EVERY_BYTES = 4 * 1024 * 1024;

let passed = 0;
let collector: NodeJS.GCFunction | undefined;

/**
 * Gives back what starting took: reading the sources leaves some 30 MB behind, most of it a young generation that grew and
 * that V8 does not shrink while the process has anything to do. Holds everything up for about 70 ms.
 */
export function giveBackMemory(): void {
  collect({ type: 'major', flavor: 'last-resort' });
}

/**
 * For long work that leaves much behind, bit by bit: what was made since the last time goes before V8 keeps it for long, and
 * with it what it holds outside V8's heap. Takes a millisecond or two.
 */
export function collectYoung(): void {
  collect({ type: 'minor' });
}

/**
 * The media as it is, with what it leaves behind collected as it passes. Each chunk is copied three or four times on
 * its way through a process, into buffers outside V8's heap, and V8 lets about 100 MB of those lie dead before it looks:
 * half of all that a service uses while it streams. A young collection every few megabytes keeps that at a third, and
 * takes about a hundredth of the time.
 */
export async function* steadily<Chunk extends Uint8Array>(
  media: AsyncIterable<Chunk>,
): AsyncGenerator<Chunk> {
  for await (const chunk of media) {
    yield chunk;
    passed += chunk.byteLength;
    if (passed < EVERY_BYTES) continue;
    passed = 0;
    collect({ type: 'minor' });
  }
}

/** Node has no other way to it from within a process that was not started with the flag. */
function collect(options: NodeJS.GCOptions): void {
  if (collector === undefined) {
    setFlagsFromString('--expose-gc');
    collector = runInNewContext('gc') as NodeJS.GCFunction;
  }
  collector(options);
}
