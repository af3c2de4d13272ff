/** Where a process on the same host reaches a server that listens at host:port; every host's loopback if at all of them. */
export function healthAddress(listen: string): string {
  const colon = listen.lastIndexOf(':');
  const host = listen.slice(0, colon);
  const everywhere = host === '0.0.0.0' || host === '[::]';
  return `${everywhere ? '127.0.0.1' : host}:${listen.slice(colon + 1)}`;
}

/** Where such a server that serves HTTP says how it is: over TLS, unless its settings are against that. */
export function healthUrl(listen: string, env: Readonly<Record<string, string | undefined>>): string {
  const { SEALTRACK_TLS: all, SEALTRACK_HTTP_TLS: http, SEALTRACK_HTTP_CERTIFICATE: certificate } = env;
  const isPlain = http === 'off' || (!http && all === 'off' && !certificate);
  return `${isPlain ? 'http' : 'https'}://${healthAddress(listen)}/healthz`;
}
