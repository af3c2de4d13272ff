import { PageHead } from '../components/page-head.tsx';

export function CertificatePage() {
  return <PageHead title="Certificate" />;
}
