import { AppError, hasCode } from '@sealtrack/errors/app-error';
import type { Context } from '../context.ts';
import { givenOf, nextStep, type SealView, toView, waitsForShares } from '../seal/describe-seal.ts';
import { told } from '../told.ts';
import { type Finding, mayNotLook, ok, problem, warning } from './finding.ts';

const LOOKUP_MS = 5_000;

/** Whether the crypto server is open, and nothing of it half done. */
export async function checkSeal({ seal, signal }: Context): Promise<Finding[]> {
  try {
    const client = await seal();
    const { status } = await client.getSealStatus({}, { signal, deadlineMs: LOOKUP_MS });
    const view = toView(told(status));
    const next = nextStep(view);
    if (view.state !== 'open') return [problem('seal', facts(view), next ?? 'See: sealtrack seal status')];
    return [next === undefined ? ok('seal', 'open') : warning('seal', facts(view), next)];
  } catch (error) {
    if (hasCode(error, 'PERMISSION_DENIED')) return [mayNotLook('seal', 'there', error)];
    if (!(error instanceof AppError)) throw error;
    return isKnownElsewhere(error) ? [] : [problem('seal', error.message, error.fix)];
  }
}

function facts(view: SealView): string {
  if (waitsForShares(view)) return `${view.state}, ${givenOf(view)} given`;
  return view.rotationStartedAt === null ? view.state : `${view.state}, a rotation is not finished`;
}

/** check-services.ts says that it does not answer; a server of an earlier version has no seal to ask for. */
const isKnownElsewhere = ({ grpcStatus, details }: AppError): boolean =>
  grpcStatus === 'UNAVAILABLE' || grpcStatus === 'DEADLINE_EXCEEDED' || details.status === 'UNIMPLEMENTED';
