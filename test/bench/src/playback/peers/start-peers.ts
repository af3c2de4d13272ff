import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { readParty } from '../../tls/material.ts';
import type { Material } from './material.ts';
import type { ServedPeers } from './serve.ts';

/** The peers' servers, in a process of their own that ends with this one. */
export interface Peers extends AsyncDisposable {
  readonly served: ServedPeers;
  readonly pid: number | undefined;
  /** What clients show them. */
  readonly material: Material;
}

/** @param dir of the development CA. */
export async function startPeers(dir: string): Promise<Peers> {
  const child = fork(fileURLToPath(new URL('./serve.ts', import.meta.url)), [dir]);
  const [served] = (await once(child, 'message')) as [ServedPeers];
  return {
    ...{ served, pid: child.pid, material: await readParty(dir, 'player') },
    async [Symbol.asyncDispose]() {
      child.disconnect();
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}
