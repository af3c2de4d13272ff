import { Certificate } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import type { TenantId } from '@sealtrack/ids/ids';
import { expect, test } from 'vitest';
import { holdingCertificates } from './holding-certificates.ts';

test('holding keys are found on every page, by what they are and not by their names', async () => {
  const named = (certificateId: string, holding: boolean) =>
    Certificate.fromPartial({ certificateId, holding });
  const pages = [[named('a', true), named('b', false)], [named('c', true)], [named('d', false)]];
  const page = async (_: TenantId, { after = '0' }: { readonly after: string | undefined }) => {
    const next = Number(after) + 1;
    const certificates = pages[next - 1] ?? [];
    return { certificates, total: 4, next: next < pages.length ? String(next) : undefined };
  };
  const found = await holdingCertificates({ page }, 'demo' as TenantId, 'also');
  expect(found.map(({ certificateId }) => certificateId)).toEqual(['a', 'c']);
});
