import { AppError, hasCode } from '@sealtrack/errors/app-error';
import type { Access } from './access.ts';
import { may } from './may.ts';
import { actionOf } from './methods.ts';

/**
 * Throws PERMISSION_DENIED unless the caller may make the call.
 * @param path "/sealtrack.seal.v1.SealService/Unseal".
 * @param request The request, or the first message of a stream of them; undefined for a stream without any.
 */
export function authoriseCall(
  access: Access,
  path: string,
  names: readonly string[],
  request: unknown,
): void {
  const needed = actionOf(path);
  if (needed === undefined) throw unknown(path);
  const tenantId = tenantOf(request);
  const [action, ...others] = typeof needed === 'string' ? [needed] : needed;
  try {
    access.authorise(names, action, tenantId);
  } catch (error) {
    if (!hasCode(error, 'PERMISSION_DENIED') || !others.some((other) => may(access, names, other, tenantId)))
      throw error;
  }
}

/**
 * Throws PERMISSION_DENIED unless the caller may make its calls on behalf of people: for the tenant of the request, or for all of them
 * where it names none.
 */
export function authoriseActingFor(access: Access, names: readonly string[], request: unknown): void {
  access.authorise(names, 'user.act-for', tenantOf(request));
}

/** The tenant that a request is about; undefined for what concerns all of them. */
function tenantOf(request: unknown): string | undefined {
  const { tenantId, part } = (request ?? {}) as Mentioning;
  return tenantId ?? (part?.$case === 'header' ? part.value?.tenantId : undefined);
}

/** How requests name their tenant; a stream does in its header. */
interface Mentioning {
  readonly tenantId?: string;
  readonly part?: { readonly $case: string; readonly value?: { readonly tenantId?: string } };
}

const unknown = (path: string): AppError =>
  new AppError('PERMISSION_DENIED', 'Nobody may make this call', {
    fix: 'Report this: packages/access/src/methods.ts does not know it.',
    details: { method: path },
  });
