/** What of a media type may be told to a browser. */
export interface ServedType {
  readonly contentType: string;
  /** False for what is to be saved, and shown by nobody. */
  readonly isShown: boolean;
}

const TOKEN = '[a-z0-9!#$&^_.+-]{1,64}';
const TYPE = new RegExp(
  `^(${TOKEN}/${TOKEN})((?:[ \\t]*;[ \\t]*${TOKEN}=(?:${TOKEN}|"[\\w .,:+-]{0,64}"))*)[ \\t]*$`,
  'i',
);

/** Nothing in which a browser looks for scripts, as it does in HTML, XML and SVG. */
const isHarmless = (type: string): boolean =>
  /^(audio|video|image)\/(?!.*xml)/.test(type) ||
  ['text/plain', 'application/pdf', 'application/ogg'].includes(type);

/**
 * Whoever puts a recording in says what it is, and that is no reason to run it: what does not only sound or look is given
 * out as bytes to be saved.
 */
export function servedType(contentType: string): ServedType {
  const [, type = '', parameters = ''] = TYPE.exec(contentType) ?? [];
  if (!isHarmless(type.toLowerCase())) return { contentType: 'application/octet-stream', isShown: false };
  return { contentType: `${type.toLowerCase()}${parameters}`, isShown: true };
}

const EXTENSIONS: Readonly<Record<string, string>> = {
  'audio/wav': '.wav',
  'audio/x-wav': '.wav',
  'audio/mpeg': '.mp3',
  'audio/ogg': '.ogg',
  'audio/flac': '.flac',
  'audio/mp4': '.m4a',
  'video/mp4': '.mp4',
  'video/webm': '.webm',
  'video/x-matroska': '.mkv',
  'application/pdf': '.pdf',
  'text/plain': '.txt',
};

/** For a name to save it under. */
export const extensionOf = (contentType: string): string =>
  EXTENSIONS[contentType.split(';')[0]?.trim() ?? ''] ?? '.bin';
