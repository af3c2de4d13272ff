import { AppError } from '@sealtrack/errors/app-error';

/** Whom a certificate names. Only the common name has to be there; no program decides anything by it. */
export interface Subject {
  readonly commonName: string;
  readonly email?: string;
  readonly organizationalUnit?: string;
  readonly organization?: string;
  readonly locality?: string;
  readonly state?: string;
  readonly country?: string;
}

interface Rule {
  readonly option: string;
  readonly fits: RegExp;
  readonly says: string;
}

/** No control characters, and nothing that turns the direction of what follows. RFC 5280, A.1, has the bounds. */
const text = (most: number): RegExp => new RegExp(`^[^\\p{C}\\p{Zl}\\p{Zp}]{1,${most}}$`, 'u');

const RULES: { readonly [Field in keyof Required<Subject>]: Rule } = {
  commonName: { option: '--cn', fits: text(64), says: 'Give 1 to 64 characters.' },
  email: {
    option: '--e',
    fits: /^(?=.{3,255}$)[\x21-\x3f\x41-\x7e]+@[A-Za-z0-9.-]+$/,
    says: 'Give an e-mail address such as pki@example.com.',
  },
  organizationalUnit: { option: '--ou', fits: text(64), says: 'Give 1 to 64 characters.' },
  organization: { option: '--o', fits: text(64), says: 'Give 1 to 64 characters.' },
  locality: { option: '--l', fits: text(128), says: 'Give 1 to 128 characters.' },
  state: { option: '--s', fits: text(128), says: 'Give 1 to 128 characters.' },
  country: {
    option: '--c',
    fits: /^[A-Z]{2}$/,
    says: 'Give the two capital letters of ISO 3166, such as DE.',
  },
};

/** Throws INVALID_ARGUMENT, which names the option. */
export function checkSubject(subject: Subject): Subject {
  for (const field of Object.keys(RULES) as (keyof Subject)[]) {
    const value = subject[field];
    const { option, fits, says } = RULES[field];
    if (value === undefined && field !== 'commonName') continue;
    if (fits.test(value ?? '') && value?.trim() === value) continue;
    throw new AppError('INVALID_ARGUMENT', `${option} is out of bounds`, {
      fix: says,
      details: { field: option },
    });
  }
  return subject;
}
