import { PageHead } from '../components/page-head.tsx';

export function CertificatesPage() {
  return <PageHead title="Recording Certificates" />;
}
