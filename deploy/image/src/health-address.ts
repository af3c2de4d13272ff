/** Where a process on the same host reaches a server that listens at host:port; every host's loopback if at all of them. */
export function healthAddress(listen: string): string {
  const colon = listen.lastIndexOf(':');
  const host = listen.slice(0, colon);
  const everywhere = host === '0.0.0.0' || host === '[::]';
  return `${everywhere ? '127.0.0.1' : host}:${listen.slice(colon + 1)}`;
}
