import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { ConnectionOptions, PeerCertificate } from 'node:tls';
import type { Tls } from '@sealtrack/tls/tls';

/** The names and addresses in `urls`, as certificates have them: without port, brackets and user. */
export const hostsOf = (urls: readonly string[]): string[] =>
  urls.map((url) => {
    const { hostname } = new URL(url.includes('://') ? url : `nats://${url}`);
    return hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  });

/**
 * How the client secures each connection, whichever of the servers it is to. NATS begins in the clear, so where a server
 * says that others are, in its INFO, is nobody's word: the certificate has to be for a host that is in the settings.
 */
export function natsTlsOptions(tls: Tls, hosts: readonly string[]): ConnectionOptions {
  const byHost = new Map(hosts.map((host) => [host, tls.client(host)]));
  const [first] = byHost.values();
  if (first === undefined) throw new TypeError('no host to connect to');

  function checkServerIdentity(this: ConnectionOptions | undefined, _: string, certificate: PeerCertificate) {
    // Not the argument: for an address Node makes "localhost" of the empty name that the client dials it by.
    const dialled = this?.servername?.toLowerCase() ?? '';
    let refusal: Error | undefined = notAllowed();
    for (const host of allowed(dialled, hosts)) {
      refusal = byHost.get(host)?.checkServerIdentity?.(host, certificate);
      if (refusal === undefined) return undefined;
    }
    return refusal;
  }

  // Its getters, and not what they say now: what is read when a connection is made is of that moment. The name that is
  // dialled is the client's to set.
  const { servername, ...live } = Object.getOwnPropertyDescriptors(first);
  return Object.defineProperties({}, {
    ...live,
    checkServerIdentity: { value: checkServerIdentity, enumerable: true },
  } as PropertyDescriptorMap);
}

const notAllowed = (): Error =>
  Object.assign(new Error('The bus is reached by an address that is not in its URL'), {
    code: 'ERR_TLS_CERT_ALTNAME_INVALID',
  });

/** What the certificate of the server may be for: the name that was dialled; of an address, any address of the settings. */
function allowed(dialled: string, hosts: readonly string[]): readonly string[] {
  if (dialled === '') return hosts.filter((host) => isIP(host) !== 0);
  return hosts.includes(dialled) ? [dialled] : hosts;
}

/**
 * What users are called by: the first DNS name of this process's certificate that is no name of a machine, and the name it
 * goes by itself, where the certificate has that. An inbox of that name is the one that deploy/nats/users.conf allows.
 */
export function inboxPrefix({ cert }: ConnectionOptions, name: string): string {
  const names = dnsNames(cert);
  const user = names.includes(name) ? name : (names.find((each) => !isMachine(each)) ?? names[0] ?? name);
  return `_INBOX_${user.replaceAll(/[^\w-]/g, '_')}`;
}

const isMachine = (name: string): boolean => name === 'localhost' || name.includes('.');

function dnsNames(cert: ConnectionOptions['cert']): string[] {
  const [pem] = [cert].flat();
  if (pem === undefined) return [];
  const { subjectAltName = '' } = new X509Certificate(pem);
  return subjectAltName.split(', ').flatMap((name) => (name.startsWith('DNS:') ? [name.slice(4)] : []));
}
