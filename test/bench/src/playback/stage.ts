import { join } from 'node:path';
import type { SelfSigned } from '@sealtrack/certificates/self-signed';
import { createPlaybackClient } from '@sealtrack/client/create-playback-client';
import type { PlaybackClient } from '@sealtrack/client/playback-client';
import { type Doors, openDoors } from '@sealtrack/launcher/demo/doors';
import { playUrl } from '@sealtrack/launcher/start/play-url';
import { type System, startSystem } from '@sealtrack/launcher/system';
import type { Transport } from '@sealtrack/tls/tls';
import { makeTenant, type Recorded, record } from './library.ts';
import type { PlaybackOptions } from './options.ts';
import { type Peers, startPeers } from './peers/start-peers.ts';

const MIB = 2 ** 20;

/** As many session keys as the crypto server keeps, so that one recording more than that in turn finds none. */
export const SESSIONS = 32;
/** With the large one. */
const SMALL = 40;

/** Everything that the cases play on. */
export interface Stage extends AsyncDisposable {
  readonly options: PlaybackOptions;
  readonly system: System;
  readonly doors: Doors;
  readonly peers: Peers;
  /** As `player`. */
  readonly client: PlaybackClient;
  readonly player: Transport;
  /** The private key that all recordings are sealed to. */
  readonly recipient: SelfSigned;
  /** 1 MB each. */
  readonly small: readonly Recorded[];
  readonly large: Recorded;
  /** Of the gateway; each with a ticket of its own. */
  urls(recorded: Recorded, count: number): Promise<readonly string[]>;
}

export async function openStage(
  dir: string,
  options: PlaybackOptions,
  say: (line: string) => void,
): Promise<Stage> {
  await using stack = new AsyncDisposableStack();
  say('starting the system …');
  const systemDir = join(dir, 'system');
  const env = { 'crypto-server': { SEALTRACK_MAX_SESSIONS: String(SESSIONS) } };
  const system = stack.use(await startSystem({ dir: systemDir, env }));
  const doors = stack.use(await openDoors(system));
  const peers = stack.use(await startPeers(join(systemDir, 'tls')));
  const recipient = await makeTenant(doors);
  const player = await system.connections.transportOf('player');
  const client = stack.use(createPlaybackClient({ servers: [system.addresses.crypto], transport: player }));
  say(`putting in ${SMALL} recordings of 1 MB, and one of ${options.largeMebibytes} MiB …`);
  const small: Recorded[] = [];
  for (let i = 0; i < SMALL; i++) small.push(await record(doors, 1_000_000));
  const large = await record(doors, options.largeMebibytes * MIB);
  const owned = stack.move();
  return {
    ...{ options, system, doors, peers, client, player, recipient, small, large },
    urls: (recorded, count) =>
      Promise.all(
        Array.from({ length: count }, (_, i) =>
          // What is made in the same second is not the same all the same: a ticket has an id.
          playUrl(system, { ...recorded, lifetimeSeconds: 1_800 + i }),
        ),
      ),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
