/** How a browser can show media of a type; not at all, then it is fetched with the command line. */
export function kindOfMedia(contentType: string): 'audio' | 'video' | 'text' | 'image' | 'none' {
  const type = contentType.toLowerCase().split(';')[0]?.trim() ?? '';
  if (type.startsWith('audio/')) return 'audio';
  if (type.startsWith('video/')) return 'video';
  if (/^image\/(png|jpeg|gif|webp)$/.test(type)) return 'image';
  return type.startsWith('text/') || type === 'application/json' || type.endsWith('+json') ? 'text' : 'none';
}
