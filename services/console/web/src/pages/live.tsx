import { PageHead } from '../components/page-head.tsx';

export function LivePage() {
  return <PageHead title="Live" />;
}
