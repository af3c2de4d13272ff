import { type ReactNode, useEffect } from 'react';

interface PageHeadProps {
  readonly title: string;
  /** Below it: what it is, in a line. */
  readonly about?: ReactNode;
  /** Buttons. */
  readonly children?: ReactNode;
}

/** The heading of a page, which names its window too. */
export function PageHead({ title, about, children }: PageHeadProps) {
  useEffect(() => {
    document.title = `${title} – Sealtrack`;
  }, [title]);
  return (
    <header className="page-head">
      <div>
        <h1>{title}</h1>
        {about ? <p className="muted">{about}</p> : null}
      </div>
      {children ? <div className="page-actions">{children}</div> : null}
    </header>
  );
}
