import { dirname } from 'node:path';
import type { System } from '../system.ts';

const PLAINTEXT_WARNING =
  'PLAINTEXT, as SEALTRACK_TLS=off asks: everybody on the way can read and change them';

/** Where everything is, for people. */
export function describeSystem(
  { addresses, natsUrl, redisUrl, playbackUrl, consoleUrl, connections }: System,
  dir: string,
): string {
  const files = connections.filesOf('administrator');
  return [
    `media-encryptor     ${addresses.ingest}   gRPC: recordings in`,
    `metadata-processor  ${addresses.recordings}   gRPC: which recordings exist`,
    `crypto-server       ${addresses.crypto}   gRPC: certificates, and recordings out`,
    `profile-config      ${addresses.profiles}   gRPC: IVR profiles`,
    `playback            ${playbackUrl}   recordings for players, with a ticket`,
    ...(consoleUrl === undefined ? [] : [`console             ${consoleUrl}   for people with a browser`]),
    `NATS                ${natsUrl}`,
    `Redis               ${redisUrl}`,
    `connections         ${files === undefined ? PLAINTEXT_WARNING : 'mutual TLS: without a certificate nobody is let in, but for players, who need a ticket, and people, who sign in to the console'}`,
    ...(files === undefined
      ? []
      : [
          `your certificates   ${dirname(dirname(files.certificate))}: commands take that of whoever may, such as player for recordings get`,
        ]),
    `data and logs       ${dir}`,
  ]
    .map((line) => `  ${line}`)
    .join('\n');
}
