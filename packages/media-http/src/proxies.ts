import { BlockList, isIP } from 'node:net';

/** What proxies say of whom they were asked by. */
export interface Forwarding {
  /** Addresses and networks (192.0.2.1, 10.0.0.0/8) of the proxies that are believed. */
  readonly proxies: readonly string[];
  /** The one header that they set. Another one may be the client's own, passed on as it was. */
  readonly header: 'x-forwarded-for' | 'forwarded';
}

export interface Proxies {
  has(address: string): boolean;
  /**
   * Who asks, when a connection from `peer` brings this header: itself, unless it is a trusted proxy; then whoever the last
   * of the proxies says, and so on. Empty when a trusted proxy does not say it in a way that can be read.
   */
  clientOf(peer: string, header: string | undefined): string;
}

/** @throws Error for what is no address or network. */
export function createProxies({ proxies, header: name }: Forwarding): Proxies {
  const trusted = new BlockList();
  for (const proxy of proxies) addTo(trusted, proxy);
  const has = (address: string): boolean =>
    isIP(address) !== 0 && trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  const read = name === 'forwarded' ? readForwarded : readForwardedFor;
  return {
    has: (address) => has(plain(address)),
    clientOf(peer, header) {
      let client = plain(peer);
      if (!has(client) || header === undefined) return client;
      // What stands further left was there before the last proxy that is believed, and may be anybody's.
      for (const said of read(header).reverse()) {
        const address = toAddress(said);
        if (address === undefined) return '';
        client = address;
        if (!has(client)) break;
      }
      return client;
    },
  };
}

function addTo(list: BlockList, text: string): void {
  const [address = '', prefix, ...more] = text.split('/');
  const version = isIP(address);
  const bits = version === 6 ? 128 : 32;
  const isNetwork = prefix !== undefined && /^\d{1,3}$/.test(prefix) && Number(prefix) <= bits;
  if (version === 0 || more.length > 0 || (prefix !== undefined && !isNetwork))
    throw new Error('is no address');
  const family = version === 6 ? 'ipv6' : 'ipv4';
  if (prefix === undefined) list.addAddress(address, family);
  else list.addSubnet(address, Number(prefix), family);
}

/** Sockets that take both versions write an IPv4 address as one of IPv6. */
const plain = (address: string): string => address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '');

/** An address, which some write with a port; undefined for anything else, such as "unknown". */
function toAddress(text: string): string | undefined {
  const [, bracketed, dotted] = /^\[([^\]]*)\](?::\d{1,5})?$|^(\d+\.\d+\.\d+\.\d+):\d{1,5}$/.exec(text) ?? [];
  const address = plain(bracketed ?? dotted ?? text);
  return isIP(address) === 0 ? undefined : address;
}

const readForwardedFor = (header: string): string[] => header.split(',').map((each) => each.trim());

const VALUE = `(?:[!#$%&'*+.^_\`|~\\w-]+|"(?:[^"\\\\]|\\\\.)*")`;
const PAIR = `[!#$%&'*+.^_\`|~\\w-]+=${VALUE}`;
/** With spaces that some proxies write. */
const ELEMENT = `(?:${PAIR})?(?:;[ \\t]*(?:${PAIR})?)*`;
const FORWARDED = new RegExp(`^[ \\t]*${ELEMENT}(?:[ \\t]*,[ \\t]*${ELEMENT})*[ \\t]*$`);
const ELEMENTS = /(?:"(?:[^"\\]|\\.)*"|[^,"])+/g;
const FOR = new RegExp(`(?:^|;)[ \\t]*for=(${VALUE})`, 'i');

/**
 * The `for` of each element (RFC 7239). A header that is not wholly by its grammar says nothing at all: with a quote that
 * is never closed, a client could hide in it what proxies add.
 */
function readForwarded(header: string): string[] {
  if (!FORWARDED.test(header)) return [''];
  return (header.match(ELEMENTS) ?? []).map((element) => {
    const value = FOR.exec(element.trim())?.[1] ?? '';
    return value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value;
  });
}
