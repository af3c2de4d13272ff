import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { Link, useLocation } from 'react-router';
import { ask } from '../api-client.ts';
import { useSession } from '../session.ts';
import { ThemeChoice } from './theme-choice.tsx';

/** Who is signed in, and what concerns him alone. */
export function UserMenu() {
  const { user, groups, kind, version } = useSession();
  const menu = useRef<HTMLDetailsElement>(null);
  const { key } = useLocation();
  const signOut = useMutation({
    mutationFn: () => ask('DELETE /session', {}),
    // What was shown is nobody else's: the page is left with all that it holds.
    onSuccess: () => location.assign('/sign-in'),
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: it closes when another page is gone to.
  useEffect(() => {
    menu.current?.removeAttribute('open');
  }, [key]);
  useEffect(() => {
    const close = (event: Event) => {
      const isInside = event.target instanceof Node && menu.current?.contains(event.target);
      if (event instanceof KeyboardEvent ? event.key === 'Escape' : !isInside)
        menu.current?.removeAttribute('open');
    };
    document.addEventListener('click', close);
    document.addEventListener('keydown', close);
    return () => {
      document.removeEventListener('click', close);
      document.removeEventListener('keydown', close);
    };
  }, []);
  return (
    <details className="menu" ref={menu}>
      <summary className="button quiet">
        <span className="avatar" aria-hidden="true">
          {user.slice(0, 1).toUpperCase()}
        </span>
        <span className="menu-name">{user}</span>
      </summary>
      <div className="menu-body">
        <p>
          <strong>{user}</strong>
          <br />
          <span className="muted">{groups.join(', ') || 'no groups'}</span>
        </p>
        {kind === 'local' ? <Link to="/password">Change password</Link> : null}
        <ThemeChoice />
        <button
          type="button"
          className="button"
          onClick={() => signOut.mutate()}
          disabled={signOut.isPending}
        >
          Sign out
        </button>
        {signOut.isError ? <p className="field-error">Signing out failed: {signOut.error.message}</p> : null}
        <p className="muted small">Sealtrack {version}</p>
      </div>
    </details>
  );
}
