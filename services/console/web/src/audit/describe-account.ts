import type { Fields } from '../fields.ts';
import type { Piece } from './piece.ts';

/** Who was let into the console, and who may be. */
export function describeAccount(fields: Fields): Piece[] {
  const owner = { person: fields.text('account') };
  const by = fields.text('by');
  const from = fields.text('clientAddress') === '' ? '' : ` from ${fields.text('clientAddress')}`;
  const isGiven = ['created', 'changed'].includes(fields.text('action'));
  const groups = isGiven ? `, with ${fields.list('groups').join(', ') || 'no groups'}` : '';
  const done: Readonly<Record<string, Piece[]>> = {
    'signed-in': [owner, ` signed in${METHODS[fields.text('method')] ?? ''}`],
    'sign-in-refused': ['Somebody was not let in as ', owner],
    'signed-out': [owner, ' signed out'],
    'password-changed': [owner, ' changed the password'],
    created: ['The account ', owner, ' was made'],
    changed: ['The account ', owner, ' was changed'],
    disabled: ['The account ', owner, ' was disabled'],
    enabled: ['The account ', owner, ' was enabled again'],
    removed: ['The account ', owner, ' was removed'],
    invited: [owner, ' was invited'],
  };
  const action = fields.text('action');
  const known = Object.hasOwn(done, action) ? done[action] : undefined;
  const what = known ?? ['The account ', owner, `: ${action}`];
  return [...what, ...(by === '' ? [] : [' by ', { person: by }]), from, groups];
}

const METHODS: Readonly<Record<string, string>> = {
  password: ' with a password',
  oidc: ' through the identity provider',
  setup: ' with the setup link',
};
