import { useRouteError } from 'react-router';
import { ProblemNotice } from './problem-notice.tsx';

/** In place of a page that has failed to load or to draw itself. A new version of the console has no files of the old one's. */
export function PageProblem() {
  const error = useRouteError();
  return (
    <main className="page">
      <h1>Something went wrong</h1>
      <ProblemNotice error={error} retry={() => location.reload()} />
    </main>
  );
}
