import type { CallAccess } from '../call-access.ts';

/** For servers whose tests are about something else. */
export const OPEN_TO_ALL: CallAccess = { authorise: () => {}, authoriseActingFor: () => {} };
