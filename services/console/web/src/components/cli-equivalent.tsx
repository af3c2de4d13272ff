import { Fragment } from 'react';
import { cliCommand } from '../cli-command.ts';
import { useSession } from '../session.ts';
import { useCopy } from '../use-copy.ts';
import { Icon } from './icon.tsx';

interface CliEquivalentProps {
  /** Words of the command after `npx sealtrack`; several commands where it takes them. */
  readonly commands: readonly (readonly string[])[];
  readonly tenant?: string;
  readonly open?: boolean;
}

/** How the same is done from a terminal. */
export function CliEquivalent({ commands, tenant, open = false }: CliEquivalentProps) {
  const { isLocalSystem } = useSession();
  const { said, copy } = useCopy();
  const text = commands.map((words) => cliCommand(words, tenant)).join('\n');
  return (
    <details className="cli" open={open}>
      <summary>
        <Icon name="terminal" /> On the command line
      </summary>
      <div className="cli-body">
        <pre>
          <code>{text}</code>
        </pre>
        <button type="button" className="button small" onClick={() => copy(text)}>
          {said === '' ? 'Copy' : said}
        </button>
        {isLocalSystem ? null : (
          <p className="muted small">
            {[
              'With the certificate of an administrator or operator: options',
              '--tls-certificate, --tls-certificate-key and --tls-trusted-ca, or their variables.',
            ].map((part) => (
              <Fragment key={part}>{part} </Fragment>
            ))}
          </p>
        )}
      </div>
    </details>
  );
}
