/**
 * The token of the link that was opened, from behind its #, which no server and no log sees. It is out of the address bar and the history
 * at once. The same again when asked again, since React may ask twice.
 */
export function takeLinkToken(): string {
  if (location.hash.length > 1) {
    taken = location.hash.slice(1);
    history.replaceState(history.state, '', location.pathname);
  }
  return taken;
}

let taken = '';

export function forgetLinkToken(): void {
  taken = '';
}
