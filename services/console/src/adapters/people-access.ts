import { type Access, OPEN_ACCESS } from '@sealtrack/access/access';
import { BUILT_IN_POLICY } from '@sealtrack/access/built-in-policy';
import { createAccess } from '@sealtrack/access/create-access';

/**
 * Who may do what in the console. In plaintext anybody may do everything for lack of names; but here people sign in, so that what
 * counts without a policy file counts there too.
 */
export const accessOfPeople = (access: Access): Access =>
  access === OPEN_ACCESS
    ? createAccess({
        policy: () => BUILT_IN_POLICY,
        where: 'in an access policy, which the console has not (SEALTRACK_ACCESS_POLICY)',
      })
    : access;
