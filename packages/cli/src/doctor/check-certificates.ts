import { AppError } from '@sealtrack/errors/app-error';
import { type CertificateView, daysUntil, nameOf, toView } from '../certificates/describe-certificate.ts';
import { readPages } from '../certificates/read-certificates.ts';
import type { Context } from '../context.ts';
import { type Finding, ok, warning } from './finding.ts';

const SOON_DAYS = 30;
/** Looked at, so that it stays cheap whatever there is. */
const MOST = 1_000;
const NAMED = 5;
const LOOKUP_MS = 5_000;

/** Which certificates of this tenant stop encrypting soon. */
export async function checkCertificates(context: Context): Promise<Finding[]> {
  try {
    const pages = await Array.fromAsync(readPages(context, { limit: MOST, deadlineMs: LOOKUP_MS }));
    const now = new Date();
    const views = pages.flatMap(({ certificates }) => certificates).map(toView);
    const total = pages[0]?.total ?? 0;
    return [
      judge(
        views.filter((view) => endsSoon(view, now)),
        views.length,
        total,
        now,
      ),
    ];
  } catch (error) {
    // That the crypto server does not answer, check-services.ts says.
    if (error instanceof AppError) return [];
    throw error;
  }
}

/** One that encrypts no more now is known to whoever sees recordings refused, and is in the list. */
const endsSoon = ({ decryptOnly, problem, notAfter }: CertificateView, now: Date): boolean =>
  !decryptOnly && problem === '' && daysUntil(notAfter, now) < SOON_DAYS;

function judge(soon: readonly CertificateView[], seen: number, total: number, now: Date): Finding {
  const looked = seen < total ? `the first ${seen} of ${total} looked at` : `${total}`;
  if (soon.length === 0) return ok('certificates', `${looked}, none expires within ${SOON_DAYS} days`);
  const named = soon
    .slice(0, NAMED)
    .map((view) => `${nameOf(view)} in ${daysUntil(view.notAfter, now)} days`)
    .join(', ');
  const more = soon.length > NAMED ? `, and ${soon.length - NAMED} more` : '';
  return warning(
    'certificates',
    `${looked}, ${soon.length} of which expire soon: ${named}${more}`,
    `Import and assign those that follow them. All: sealtrack certificates list --expiring ${SOON_DAYS}d`,
  );
}
