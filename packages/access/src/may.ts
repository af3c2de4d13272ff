import { hasCode } from '@sealtrack/errors/app-error';
import type { Access } from './access.ts';

/** Whether Access.authorise lets it be. Throws what it throws beside PERMISSION_DENIED. */
export function may(access: Pick<Access, 'authorise'>, ...asked: Parameters<Access['authorise']>): boolean {
  try {
    access.authorise(...asked);
    return true;
  } catch (error) {
    if (hasCode(error, 'PERMISSION_DENIED')) return false;
    throw error;
  }
}
