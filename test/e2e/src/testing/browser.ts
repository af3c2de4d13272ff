import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A Chromium of this machine: Debian's, or one on the PATH. */
export const CHROMIUM = ['/usr/bin', ...(process.env.PATH ?? '').split(delimiter)]
  .flatMap((folder) => ['chromium', 'chromium-browser'].map((name) => join(folder, name)))
  .find((path) => existsSync(path));

/** It speaks to nobody but who it is told to. */
export const CHROMIUM_ARGS = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync', '--mute-audio'],
  '--autoplay-policy=no-user-gesture-required',
];

/** A page that plays, and reads no more than the beginning before it does. `playFrom(seconds)` in it goes there and resolves, to where it is, when half a second was heard. */
export const playerPage = (address: string): string => `
  <audio id="player" src="${address}" preload="metadata"></audio>
  <script>
    const happened = (event) => new Promise((resolve) => player.addEventListener(event, resolve, { once: true }));
    async function playFrom(seconds) {
      if (seconds !== player.currentTime) {
        const seeked = happened('seeked');
        player.currentTime = seconds;
        await seeked;
      }
      await player.play();
      while (player.currentTime < seconds + 0.5 && player.error === null) await happened('timeupdate');
      return player.currentTime;
    }
  </script>`;
