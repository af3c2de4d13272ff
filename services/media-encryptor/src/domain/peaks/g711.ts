/**
 * ITU-T G.711. Its codes, but for the sign, are in the order of loudness once some of their bits are turned; so the loudest of many is
 * found without decoding any.
 */
export interface G711 {
  /** Which bits are turned. */
  readonly turned: number;
  /** A byte of full scale for each code, turned and without its sign. */
  readonly loudness: Uint8Array;
}

/** The decoders give 16 bits, of which all but the last 7 count here. */
const tableOf = (decode: (exponent: number, mantissa: number) => number): Uint8Array =>
  Uint8Array.from({ length: 128 }, (_, code) => decode(code >> 4, code & 15) >> 7);

export const MU_LAW: G711 = {
  turned: 0xff,
  loudness: tableOf((exponent, mantissa) => (((mantissa << 3) + 0x84) << exponent) - 0x84),
};

export const A_LAW: G711 = {
  turned: 0x55,
  loudness: tableOf((exponent, mantissa) =>
    exponent === 0 ? (mantissa << 4) + 8 : ((mantissa << 4) + 0x108) << (exponent - 1),
  ),
};
