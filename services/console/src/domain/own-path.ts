/** Whether it is a path of the console itself: /recordings, and neither //elsewhere.example nor what a browser reads as that. */
export const isOwnPath = (text: string): boolean =>
  text.length <= 2_048 &&
  /^\/(?![/\\])[\x21-\x7e]*$/.test(text) &&
  !text.includes('\\') &&
  !text.startsWith('/api/');
