import { parseLine } from '@sealtrack/ids/line';

const MAX = 256;

/** Why somebody asks, in his words. @throws AppError INVALID_ARGUMENT. */
export const parsePurpose = (purpose: string): string => parseLine('purpose', purpose, { min: 0, max: MAX });
