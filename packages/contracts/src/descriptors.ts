import { readFile } from 'node:fs/promises';

/** Every message and service of proto/ as a serialised google.protobuf.FileDescriptorSet, imports included. */
export const readDescriptorSet = (): Promise<Uint8Array> =>
  readFile(new URL('./gen/descriptors.binpb', import.meta.url));
