import type { Certificate } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import type { TenantId } from '@sealtrack/ids/ids';
import type { Certificates } from './ports.ts';

export const HOLDING_NAME = 'Sealtrack holding key';
const WORDS = HOLDING_NAME.toLowerCase().split(' ');
const PAGE = 100;

/**
 * Every holding key of a tenant that is here. Mostly it is one; another stays where the store lost which one counted, or
 * where one was deleted, for as long as recordings are sealed to it.
 */
export async function holdingCertificates(
  certificates: Pick<Certificates, 'page'>,
  tenantId: TenantId,
  deleted: 'none' | 'also',
): Promise<Certificate[]> {
  const found: Certificate[] = [];
  for (let after: string | undefined; ; ) {
    const page = await certificates.page(tenantId, { words: WORDS, after, limit: PAGE, deleted });
    found.push(...page.certificates.filter(({ holding }) => holding));
    if (page.next === undefined) return found;
    after = page.next;
  }
}
