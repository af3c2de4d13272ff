/** Where to go on after signing in: a page of this console, and no other site whatever the address says. */
export function returnPath(to: string | null): string {
  if (to === null || !/^\/(?![/\\])/.test(to)) return '/';
  const { origin, pathname, search, hash } = new URL(to, 'https://console.invalid');
  // Of /.//elsewhere.example, //elsewhere.example is left.
  const isPath = !pathname.startsWith('//') && !pathname.startsWith('/sign-in');
  const isHere = origin === 'https://console.invalid' && isPath;
  return isHere ? pathname + search + hash : '/';
}
