import type { KeyUsage } from './extensions.ts';
import type { PeerName } from './match-name.ts';

/** What a chain has to come up to, beside RFC 5280. */
export interface ChainPolicy {
  /**
   * strict: certificates are what the RFC tells CAs to issue (section 4). lenient: what its validation asks for is enough
   * (section 6), for CAs that leave out key identifiers or do not mark what is critical. Both check the same signatures,
   * constraints and dates.
   */
  readonly profile: 'strict' | 'lenient';
  /** CAs between the leaf and the anchor, those not counted that a CA issued to itself. */
  readonly maxIntermediates: number;
  /** What the leaf has to be for, where it says what it is for. */
  readonly keyUsage: readonly KeyUsage[];
  /** OIDs; the CAs between must be for them too where they say. */
  readonly extendedKeyUsage: readonly string[];
  /** if-available: a CRL that is there must be usable, and one that is not there is not missed. */
  readonly revocation: 'off' | 'if-available' | 'required';
  /** Old algorithms that are let through: SHA-1 in signatures, DSA, RSA from 1024 bits. */
  readonly legacy: readonly LegacyAlgorithm[];
  /** Whom the leaf has to be for. */
  readonly peerName: PeerName | undefined;
}

export type LegacyAlgorithm = 'sha1' | 'dsa' | 'rsa-1024';

/** For recording certificates: session keys are encrypted to their keys. */
export const RECORDING_POLICY: ChainPolicy = {
  profile: 'strict',
  maxIntermediates: 8,
  keyUsage: ['keyEncipherment'],
  extendedKeyUsage: [],
  revocation: 'if-available',
  legacy: [],
  peerName: undefined,
};
