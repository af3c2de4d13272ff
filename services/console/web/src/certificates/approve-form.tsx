import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { CertificateDetails } from '../../../src/api/certificates.ts';
import { ask } from '../api-client.ts';
import { CliEquivalent } from '../components/cli-equivalent.tsx';
import { TextField } from '../components/field.tsx';
import { FileDrop } from '../components/file-drop.tsx';
import { ProblemNotice } from '../components/problem-notice.tsx';
import { codeOf } from '../problem-error.ts';
import { isEncryptedKey } from './approver-key.ts';
import { shortId } from './paths.ts';
import { certificateQuery } from './queries.ts';
import { signStatement } from './sign-statement.ts';

interface ApproveFormProps {
  readonly tenant: string;
  readonly certificate: CertificateDetails;
  readonly statement: string;
}

/** An approval, signed in this browser with the approver's own key, which goes nowhere. */
export function ApproveForm({ tenant, certificate, statement }: ApproveFormProps) {
  const client = useQueryClient();
  const [keyFile, setKeyFile] = useState<File>();
  const [approver, setApprover] = useState('');
  const isEncrypted = useIsEncrypted(keyFile);
  const password = useRef<HTMLInputElement>(null);
  const { certificateId } = certificate;
  const approve = useMutation({
    mutationFn: async (key: File) => {
      const signature = await signStatement(statement, key, password.current?.value ?? '');
      return ask(
        'POST /tenants/:tenant/certificates/:certificate/approvals',
        { tenant, certificate: certificateId },
        { body: { approver: approver.trim(), signature } },
      );
    },
    onSuccess: (after) => {
      setKeyFile(undefined);
      setApprover('');
      client.setQueryData(certificateQuery(tenant, certificateId).queryKey, after);
      void client.invalidateQueries({ queryKey: ['certificates', tenant] });
    },
  });
  const isOfPassword = codeOf(approve.error)?.startsWith('PRIVATE_KEY_PASSWORD') === true;
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (keyFile !== undefined) approve.mutate(keyFile);
      }}
    >
      <h3>Approve</h3>
      <TextField
        label="Approver"
        value={approver}
        onChange={({ target }) => setApprover(target.value)}
        required
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        hint="Your name in the approvers file of the crypto server."
      />
      <FileDrop
        label="Your approver key"
        accept=".key,.pem"
        file={keyFile}
        onFile={(file) => {
          approve.reset();
          setKeyFile(file);
        }}
        hint="Made by npx sealtrack approvers create. It signs in this browser, and is not sent."
      />
      {isEncrypted ? (
        <TextField
          ref={password}
          label="Password of your key"
          type="password"
          autoComplete="off"
          error={isOfPassword ? `${approve.error?.message}. Type it again.` : undefined}
        />
      ) : null}
      <ProblemNotice error={isOfPassword ? undefined : approve.error} focus />
      <div className="actions spread">
        <CliEquivalent
          tenant={tenant}
          commands={[
            [
              ...['certificates', 'approve-deletion', shortId(certificateId)],
              ...['--approver', approver.trim() || 'NAME', '--approver-key', keyFile?.name ?? 'FILE'],
            ],
          ]}
        />
        <button type="submit" className="button danger" disabled={keyFile === undefined || approve.isPending}>
          Sign and approve
        </button>
      </div>
    </form>
  );
}

function useIsEncrypted(file: File | undefined): boolean {
  const [isEncrypted, say] = useState(false);
  useEffect(() => {
    let isWanted = true;
    say(false);
    void file?.arrayBuffer().then((buffer) => {
      const bytes = new Uint8Array(buffer);
      if (isWanted) say(isEncryptedKey(bytes));
      bytes.fill(0);
    });
    return () => {
      isWanted = false;
    };
  }, [file]);
  return isEncrypted;
}
