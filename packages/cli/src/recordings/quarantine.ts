import type { Recording } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';

/** A metadata-processor of an earlier version knows nothing of it, and lists them all. */
export const isQuarantined = ({ quarantineReason }: Recording): boolean => quarantineReason !== '';
