import { SEGMENT_SIZE } from './segment-tags.ts';

/** Fresh memory of this size costs more than copying plaintext into it, so a few buffers are kept. */
const MAX_IDLE = 8;
const idle: Buffer[] = [];

/** A buffer of one segment for plaintext, all zeros. */
export const takeStage = (): Buffer => idle.pop() ?? Buffer.alloc(SEGMENT_SIZE);

/** No plaintext stays in it. */
export function giveBack(stage: Buffer): void {
  stage.fill(0);
  if (idle.length < MAX_IDLE) idle.push(stage);
}
