import type { System } from '../system.ts';

/** Where everything is, for people. */
export function describeSystem({ addresses, natsUrl, redisUrl }: System, dir: string): string {
  return [
    `media-encryptor     ${addresses.ingest}   gRPC: recordings in`,
    `metadata-processor  ${addresses.recordings}   gRPC: which recordings exist`,
    `crypto-server       ${addresses.crypto}   gRPC: certificates, and recordings out`,
    `profile-config      ${addresses.profiles}   gRPC: IVR profiles`,
    `NATS                ${natsUrl}`,
    `Redis               ${redisUrl}`,
    `data and logs       ${dir}`,
  ]
    .map((line) => `  ${line}`)
    .join('\n');
}
