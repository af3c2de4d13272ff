import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import type { CertificateDetails, ImportAnswer } from '../../../src/api/certificates.ts';
import { ask } from '../api-client.ts';
import { CliEquivalent } from '../components/cli-equivalent.tsx';
import { Dialog } from '../components/dialog.tsx';
import { TextField } from '../components/field.tsx';
import { FileDrop } from '../components/file-drop.tsx';
import { ProblemNotice } from '../components/problem-notice.tsx';
import { ProblemError } from '../problem-error.ts';
import { useNow } from '../use-now.ts';
import { CertificatePreview } from './certificate-preview.tsx';
import { CheckedNotice } from './checked-notice.tsx';
import { useChosenCertificate, useChosenKey } from './chosen-files.ts';
import { problemOfCertificate, problemOfKey } from './judge-files.ts';
import { KeyPreview } from './key-preview.tsx';
import { fieldOf, toFormData, type UploadField } from './upload-form-data.ts';

interface UploadDialogProps {
  readonly tenant: string;
  readonly onClose: () => void;
  readonly onSaved: (certificate: CertificateDetails) => void;
}

/** A certificate and its private key, shown before anything is sent, then checked or saved. */
export function UploadDialog({ tenant, onClose, onSaved }: UploadDialogProps) {
  const client = useQueryClient();
  const now = useNow();
  const [certificateFile, setCertificateFile] = useState<File>();
  const [keyFile, setKeyFile] = useState<File>();
  const [alias, setAlias] = useState('');
  const [decryptOnly, setDecryptOnly] = useState(false);
  // Kept in its field alone, and read when it is sent.
  const password = useRef<HTMLInputElement>(null);
  const chosen = useChosenCertificate(certificateFile);
  const key = useChosenKey(keyFile);
  const leaf = chosen.inside?.leaf;

  // With both in one, there is no certificate to choose.
  if (chosen.inside?.kind === 'PFX' && certificateFile !== undefined) {
    setKeyFile(certificateFile);
    setCertificateFile(undefined);
  }

  const send = useMutation<ImportAnswer, Error, boolean>({
    mutationFn: (dryRun) => {
      const files = { certificate: certificateFile, inside: chosen.inside, key: keyFile };
      const said = { password: password.current?.value ?? '', alias: alias.trim(), decryptOnly, dryRun };
      return ask(
        'POST /tenants/:tenant/certificates',
        { tenant },
        { body: toFormData({ ...files, ...said }) },
      );
    },
    onSuccess: async ({ stored, certificate }) => {
      if (!stored) return;
      if (password.current !== null) password.current.value = '';
      await client.invalidateQueries({ queryKey: ['certificates', tenant] });
      onSaved(certificate);
    },
  });
  const problem = send.error instanceof ProblemError ? send.error.problem : undefined;
  const wrong = fieldOf(problem?.code, problem?.details?.field, certificateFile !== undefined);
  const errorAt = (field: UploadField) =>
    wrong === field && problem !== undefined ? (
      <>
        {problem.title}. <span className="fix">{problem.fix}</span>
      </>
    ) : undefined;
  const again = () => send.reset();
  const mayBeEncrypted = key.inside?.isEncrypted === true || key.inside?.isEncrypted === 'maybe';
  const needsPassword =
    mayBeEncrypted || wrong === 'password' || (keyFile === undefined && chosen.inside?.hasKey);
  const isReady = (certificateFile ?? keyFile) !== undefined && !send.isPending;

  return (
    <Dialog title="Upload a Recording Certificate" onClose={onClose} size="large">
      <form
        onChange={again}
        onSubmit={(event) => {
          event.preventDefault();
          send.mutate(false);
        }}
      >
        <div className="columns">
          <div className="stack">
            <FileDrop
              label="Certificate"
              hint="PEM, DER or PKCS#7, with those above it where there are some. A PFX has both: choose it here or there."
              accept=".pem,.crt,.cer,.der,.p7b,.p7c,.pfx,.p12,.txt"
              file={certificateFile}
              onFile={(file) => {
                again();
                setCertificateFile(file);
              }}
              error={
                errorAt('certificate') ??
                chosen.problem ??
                (chosen.inside && problemOfCertificate(chosen.inside, decryptOnly, now))
              }
            />
            {chosen.inside === undefined ? null : <CertificatePreview inside={chosen.inside} />}
          </div>
          <div className="stack">
            <FileDrop
              label="Private key"
              hint="PKCS#8, PKCS#1 or PFX. It is sealed by the crypto server, and never handed out again. Without one, that of a certificate on the same key is used."
              accept=".pem,.key,.der,.p8,.pfx,.p12,.txt"
              file={keyFile}
              onFile={(file) => {
                again();
                setKeyFile(file);
              }}
              error={
                errorAt('private_key') ??
                key.problem ??
                (key.inside && problemOfKey(key.inside, chosen.inside))
              }
            />
            {key.inside === undefined ? null : <KeyPreview inside={key.inside} modulus={leaf?.modulus} />}
            {needsPassword ? (
              <TextField
                ref={password}
                label="Password of the private key"
                type="password"
                autoComplete="off"
                error={errorAt('password')}
                hint="It opens the key this one time, and is kept nowhere."
              />
            ) : null}
          </div>
        </div>
        <TextField
          label="Alias"
          value={alias}
          onChange={({ target }) => setAlias(target.value)}
          placeholder={leaf?.subject ?? ''}
          autoComplete="off"
          maxLength={128}
          hint="What people call it. Without one, its subject."
          error={errorAt('alias')}
        />
        <label className="check">
          <input
            type="checkbox"
            checked={decryptOnly}
            onChange={({ target }) => setDecryptOnly(target.checked)}
          />
          For opening old recordings only: nothing new is encrypted to it, and its chain is not asked for
        </label>
        <ProblemNotice error={wrong === undefined ? send.error : undefined} focus />
        {send.data === undefined ? null : <CheckedNotice answer={send.data} />}
        <div className="actions spread">
          <CliEquivalent
            tenant={tenant}
            commands={[commandOf({ certificateFile, keyFile, alias, decryptOnly })]}
          />
          <span className="badges">
            <button type="button" className="button" onClick={onClose}>
              Cancel
            </button>
            <button type="button" className="button" disabled={!isReady} onClick={() => send.mutate(true)}>
              Check
            </button>
            <button type="submit" className="button primary" disabled={!isReady}>
              {send.isPending && !send.variables ? 'Saving…' : 'Save'}
            </button>
          </span>
        </div>
      </form>
    </Dialog>
  );
}

function commandOf({
  certificateFile,
  keyFile,
  alias,
  decryptOnly,
}: {
  readonly certificateFile: File | undefined;
  readonly keyFile: File | undefined;
  readonly alias: string;
  readonly decryptOnly: boolean;
}): readonly string[] {
  const isPfx = certificateFile === undefined && keyFile !== undefined;
  return [
    ...['certificates', 'import'],
    ...(isPfx ? ['--pfx', keyFile.name] : ['--cert', certificateFile?.name ?? 'CERT.pem']),
    ...(isPfx || keyFile === undefined ? [] : ['--key', keyFile.name]),
    ...(alias.trim() === '' ? [] : ['--alias', alias.trim()]),
    ...(decryptOnly ? ['--decrypt-only'] : []),
  ];
}
