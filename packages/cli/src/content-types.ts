import { extname } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.wav': 'audio/wav',
  '.mp3': 'audio/mpeg',
  '.ogg': 'audio/ogg',
  '.opus': 'audio/ogg',
  '.flac': 'audio/flac',
  '.m4a': 'audio/mp4',
  '.mp4': 'video/mp4',
  '.webm': 'video/webm',
  '.mkv': 'video/x-matroska',
  '.json': 'application/json',
  '.txt': 'text/plain',
};

/** The media type that a file's name suggests; "application/octet-stream" when it suggests none. */
export const contentTypeOf = (path: string): string =>
  TYPES[extname(path).toLowerCase()] ?? 'application/octet-stream';

/** ".wav" for "audio/wav"; ".bin" for what has no usual extension. */
export function extensionOf(contentType: string): string {
  const type = contentType.split(';')[0]?.trim().toLowerCase();
  return Object.entries(TYPES).find(([, each]) => each === type)?.[0] ?? '.bin';
}
