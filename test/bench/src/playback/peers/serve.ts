import { readParty } from '../../tls/material.ts';
import { CODEC_NAMES, type CodecName } from './codecs.ts';
import { serveGrpcJs } from './grpc-js.ts';
import { serveHttps } from './https.ts';

/** Addresses of the peers, all in this process, which does nothing else. */
export interface ServedPeers {
  readonly grpcJs: Readonly<Record<CodecName, string>>;
  readonly https: string;
}

const [dir = ''] = process.argv.slice(2);
const material = await readParty(dir, 'crypto-server');
const addresses = await Promise.all(
  CODEC_NAMES.map(async (name) => [name, await serveGrpcJs(name, material)] as const),
);
const served: ServedPeers = {
  grpcJs: Object.fromEntries(addresses) as Record<CodecName, string>,
  https: await serveHttps(material),
};
process.send?.(served);
process.on('disconnect', () => process.exit());
