/** PEM files of one party, for those who do without our package. */
export interface Material {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly ca: Buffer;
}
