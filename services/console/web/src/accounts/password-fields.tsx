import { TextField } from '../components/field.tsx';
import { ProblemError } from '../problem-error.ts';

/** What the console asks of passwords; it has the last word (PASSWORD_WEAK). */
const MIN_LENGTH = 12;

interface PasswordFieldsProps {
  /** What the console has said of it. */
  readonly error: unknown;
  readonly label?: string;
}

/** A new password, twice. The browser says where it is too short, `passwordIn` where the two differ. */
export function PasswordFields({ error, label = 'Password' }: PasswordFieldsProps) {
  const problem = error instanceof ProblemError ? error.problem : undefined;
  const isWeak = problem?.code === 'PASSWORD_WEAK';
  return (
    <>
      <TextField
        label={label}
        name="password"
        type="password"
        autoComplete="new-password"
        required
        minLength={MIN_LENGTH}
        hint={`At least ${MIN_LENGTH} characters: a sentence is good.`}
        error={
          isWeak ? `${problem.title}. ${problem.fix}` : error instanceof Differs ? error.message : undefined
        }
      />
      <TextField label="The same again" name="again" type="password" autoComplete="new-password" required />
    </>
  );
}

export class Differs extends Error {
  constructor() {
    super('The two are not the same: type both again.');
  }
}

/** The password of a form with PasswordFields. Throws Differs. */
export function passwordIn(form: FormData): string {
  const password = String(form.get('password'));
  if (password !== form.get('again')) throw new Differs();
  return password;
}

/** Failures that PasswordFields does not show at its field. */
export const otherThanPassword = (error: unknown): unknown =>
  error instanceof Differs || (error instanceof ProblemError && error.problem.code === 'PASSWORD_WEAK')
    ? undefined
    : error;
