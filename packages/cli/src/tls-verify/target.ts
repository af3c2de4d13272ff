import { isIP } from 'node:net';
import type { PeerName } from '@sealtrack/certificates/x509/match-name';
import { AppError } from '@sealtrack/errors/app-error';

/** What is said in clear before TLS begins. */
export type StartTls = 'none' | 'nats';

export interface Target {
  readonly host: string;
  readonly port: number;
  /** Undefined: nobody said, and it shows in what the server says. */
  readonly startTls: StartTls | undefined;
}

const SCHEMES: Readonly<Record<string, StartTls | undefined>> = {
  'nats:': 'nats',
  'tls:': undefined,
  'rediss:': 'none',
  'https:': 'none',
};

/** HOST:PORT, [IPV6]:PORT, or an address as the settings have it, such as nats://nats:4222. Throws INVALID_ARGUMENT. */
export function parseTarget(text: string): Target {
  const url = URL.canParse(text.includes('://') ? text : `tls://${text}`)
    ? new URL(text.includes('://') ? text : `tls://${text}`)
    : undefined;
  const host = url?.hostname.replace(/^\[(.*)\]$/, '$1') ?? '';
  // A URL leaves out the port that its scheme has anyway.
  const port = url?.protocol === 'https:' && url.port === '' ? 443 : Number(url?.port);
  if (url === undefined || !Object.hasOwn(SCHEMES, url.protocol) || host === '' || port === 0)
    throw new AppError('INVALID_ARGUMENT', `${text} is no address of a TLS server`, {
      fix: 'Give host:port, such as crypto-server:7013, or nats://nats:4222, rediss://redis:6379.',
    });
  return { host, port, startTls: SCHEMES[url.protocol] };
}

/** Whom a certificate has to be for: 4 or 16 bytes, or a DNS name. Throws INVALID_ARGUMENT. */
export function toPeerName(host: string): PeerName {
  const kind = isIP(host);
  if (kind === 4) return { kind: 'ip', value: Buffer.from(host.split('.').map(Number)) };
  return kind === 6 ? { kind: 'ip', value: ipv6(host) } : { kind: 'dns', value: host.replace(/\.$/, '') };
}

/** All 16 bytes of what the platform takes for an IPv6 address. */
function ipv6(text: string): Buffer {
  const [address = ''] = text.split('%');
  // An IPv4 address at its end becomes groups as well.
  const full = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const [head = '', tail] = full.split('::');
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const [before, after] = [groups(head), groups(tail ?? '')];
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return Buffer.from([...before, ...zeros, ...after].map((group) => group.padStart(4, '0')).join(''), 'hex');
}
