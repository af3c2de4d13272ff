import { PageHead } from '../components/page-head.tsx';

export function ScreenPage() {
  return <PageHead title="Screen Recording Certificates" />;
}
