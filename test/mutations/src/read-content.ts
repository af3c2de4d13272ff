import { children, contextTag, DerError, type Element, readElement, TAG } from '@sealtrack/certificates/der';
import { must } from './judge.ts';

/**
 * The content of a whole file, found in another way than unsplice.ts finds it: from the outside in, with all of it in
 * memory. 'not read' for lengths in more bytes than are read here. Throws Wrong for what is no such file at all.
 */
export function readContent(file: Buffer): Buffer | undefined | 'not read' {
  try {
    const whole = readElement(file);
    must(whole.raw.length === file.length, 'a file that goes on after its end');
    const [, explicit] = children(whole);
    const [data] = explicit === undefined ? [] : children(explicit);
    const fields = data === undefined ? [] : children(data);
    const info = fields[fields.findIndex(({ tag }) => tag === TAG.set) + 1];
    const [, , content] = info === undefined ? [] : children(info);
    return content && octetsOf(content);
  } catch (error) {
    if (error instanceof DerError && error.message === 'has an impossible length') return 'not read';
    must(!(error instanceof DerError), 'a file that is no ASN.1');
    throw error;
  }
}

function octetsOf(element: Element): Buffer {
  if (element.tag === contextTag(0) || element.tag === TAG.octetString) return element.content;
  return Buffer.concat(children(element, 10_000).map(octetsOf));
}
