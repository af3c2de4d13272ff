import { type ReactNode, useEffect } from 'react';

/** Around what is asked of somebody who is not signed in. */
export function SignInFrame({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} – Sealtrack`;
  }, [title]);
  return (
    <main className="sign-in">
      <div className="card sign-in-card">
        <p className="brand">
          <img src="/icon.svg" alt="" width="28" height="28" />
          Sealtrack
        </p>
        <h1>{title}</h1>
        {children}
      </div>
    </main>
  );
}
