import { useMutation, useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import type { MediaSettings } from '../../../src/api/profiles.ts';
import { certificatesQuery } from '../certificates/queries.ts';
import { CliEquivalent } from '../components/cli-equivalent.tsx';
import { ProblemNotice } from '../components/problem-notice.tsx';
import { useUnsaved } from '../components/unsaved-guard.tsx';
import { codeOf } from '../problem-error.ts';
import { useMay } from '../session.ts';
import { AssignedList } from './assigned-list.tsx';
import { CertificatePicker } from './certificate-picker.tsx';
import { PolicyChoice } from './policy-choice.tsx';
import { type Changed, changedIn, type Draft, draftOf } from './settings-draft.ts';

export interface SettingsEditorProps {
  readonly tenant: string;
  readonly settings: MediaSettings | undefined;
  /** Of what the settings are in; null while there are none. */
  readonly revision: string | null;
  /** Resolves once it is saved, and what is shown is read anew. */
  readonly save: (draft: Draft, changed: Changed) => Promise<unknown>;
  /** The commands that do what the draft says. */
  readonly commands: (draft: Draft, changed: Changed) => readonly (readonly string[])[];
}

/** Certificates and policy, changed in place and saved as one. */
export function SettingsEditor({ tenant, settings, revision, save, commands }: SettingsEditorProps) {
  const name = useId();
  const mayWrite = useMay()('profile.write');
  const mayRead = useMay()('certificate.read');
  const [edited, edit] = useState<Draft>();
  const [isPicking, setPicking] = useState(false);
  const known = useQuery({ ...certificatesQuery(tenant), enabled: mayRead });
  const draft = edited ?? draftOf(settings, revision);
  const changed = changedIn(draft);
  const isChanged = changed.certificates || changed.policy;
  const saving = useMutation({
    mutationFn: (wanted: Draft) => save(wanted, changedIn(wanted)),
    onSuccess: () => edit(undefined),
  });
  useUnsaved(isChanged);
  const isConflict = codeOf(saving.error) === 'PROFILE_CONFLICT';
  const isBehind = isChanged && draft.baseRevision !== revision;
  const change = (part: Partial<Draft>) => {
    saving.reset();
    edit({ ...draft, ...part });
  };
  const drop = () => {
    saving.reset();
    edit(undefined);
  };
  const ontoTheirs = () => {
    const onto = { ...draft, base: settings, baseRevision: revision };
    edit(onto);
    saving.mutate(onto);
  };
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        saving.mutate(draft);
      }}
    >
      <div className="field">
        <span className="label">Certificates</span>
        <AssignedList
          tenant={tenant}
          ids={draft.certificateIds}
          assigned={draft.base?.certificates ?? []}
          certificates={known.data?.certificates}
          onRemove={
            mayWrite
              ? (gone) => change({ certificateIds: draft.certificateIds.filter((id) => id !== gone) })
              : undefined
          }
        />
        {mayWrite && mayRead ? (
          <div>
            <button type="button" className="button small" onClick={() => setPicking(true)}>
              Choose…
            </button>
          </div>
        ) : null}
      </div>
      <PolicyChoice
        name={name}
        policy={draft.policy}
        onChange={(policy) => change({ policy })}
        disabled={!mayWrite}
      />
      {isBehind || isConflict ? (
        <div className="notice notice-warning" role="alert">
          <p className="notice-title">Somebody else has changed this meanwhile</p>
          <p>Yours is not saved. Take what is there now, or save yours in its place.</p>
          <div className="toolbar">
            <button type="button" className="button small" onClick={drop}>
              Take theirs
            </button>
            <button type="button" className="button small" onClick={ontoTheirs} disabled={!isBehind}>
              Save mine
            </button>
          </div>
        </div>
      ) : null}
      <ProblemNotice error={isConflict ? undefined : saving.error} focus />
      {mayWrite ? (
        <div className="actions spread">
          <CliEquivalent tenant={tenant} commands={commands(draft, changed)} />
          <span className="badges">
            <button type="button" className="button" disabled={!isChanged} onClick={drop}>
              Cancel
            </button>
            <button
              type="submit"
              className="button primary"
              disabled={!isChanged || isBehind || saving.isPending}
            >
              Save
            </button>
          </span>
        </div>
      ) : null}
      {isPicking ? (
        <CertificatePicker
          certificates={known.data?.certificates}
          error={known.error}
          chosen={draft.certificateIds}
          onClose={() => setPicking(false)}
          onChoose={(certificateIds) => {
            change({ certificateIds });
            setPicking(false);
          }}
        />
      ) : null}
    </form>
  );
}
