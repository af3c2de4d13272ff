/**
 * Overwrites a chunk of media that nobody looks at again, and gives its memory back now: no view of it has any bytes then. The
 * collector would have to find it otherwise, which costs a stream more than all its cryptography, and plaintext would lie
 * about until then. Only for a chunk with an ArrayBuffer of its own, as those are that a call's messages hold. One that is so
 * small that it may lie among others in Node's pool is left to the collector.
 */
export function giveBack({ buffer }: Uint8Array): void {
  if (!(buffer instanceof ArrayBuffer) || buffer.byteLength <= Buffer.poolSize) return;
  new Uint8Array(buffer).fill(0);
  // Detached, and so its memory is free.
  buffer.transfer(0);
}
