/** A piece of a sentence: words, or the name of something that can be gone to. */
export type Piece =
  | string
  | { readonly recording: string }
  | { readonly certificate: string }
  | { readonly person: string };
