/** What a browser says of where a request comes from. Scripts cannot set these headers. */
export interface Provenance {
  readonly secFetchSite: string | undefined;
  readonly origin: string | undefined;
  readonly host: string | undefined;
}

/**
 * Whether it comes from a page of the console, or from nobody's: from its reader, or from a program that is no browser. Browsers say
 * so (https://w3c.github.io/webappsec-fetch-metadata/); older ones name the origin at least of what changes something.
 * @param own the origin of the console, where it is known; it is that of the Host header otherwise.
 */
export function isFromConsole({ secFetchSite, origin, host }: Provenance, own: string | undefined): boolean {
  if (secFetchSite !== undefined) return secFetchSite === 'same-origin' || secFetchSite === 'none';
  if (origin === undefined) return true;
  if (own !== undefined) return origin === own;
  return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase();
}
