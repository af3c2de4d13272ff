import { createHash } from 'node:crypto';
import { AppError } from '@sealtrack/errors/app-error';

const COMMENT = /^\s*(#.*)?$/;
/** Rules that would let somebody in without a password, or with one that everybody can read here. */
const PASSWORD_RULE = /^(nopass$|[><#!])/;

/**
 * The users of deploy/redis/users.acl with their passwords, as Redis loads them (aclfile): a line each, which has the
 * SHA-256 of the password. The user `default` needs none when it is off.
 * @throws AppError CONFIG_INVALID for a user without a password, a password without a user, and rules that are none.
 */
export function createAclFile(rules: string, passwords: Readonly<Record<string, Uint8Array>>): string {
  const users = readUsers(rules);
  const missing = [...users].filter(([user, rest]) => !(user in passwords) && !rest.includes('off'));
  const unknown = Object.keys(passwords).filter((user) => !users.has(user));
  if (missing.length > 0)
    throw wrong(`has users without a password: ${missing.map(([user]) => user).join(', ')}`);
  if (unknown.length > 0) throw wrong(`has no user ${unknown.join(', ')}, for whom there is a password`);
  const lines = [...users].map(([user, rest]) => {
    const password = passwords[user];
    const secret = password === undefined ? [] : [`#${createHash('sha256').update(password).digest('hex')}`];
    return ['user', user, ...rest, ...secret].join(' ');
  });
  return `${lines.join('\n')}\n`;
}

/** The rules of each user, in their order. */
function readUsers(rules: string): Map<string, readonly string[]> {
  const users = new Map<string, string[]>();
  let current: string[] | undefined;
  for (const line of rules.split('\n').filter((each) => !COMMENT.test(each))) {
    const words = line.trim().split(/\s+/);
    if (/^\s/.test(line)) {
      if (current === undefined) throw wrong('begins with rules of no user');
      current.push(...words);
    } else {
      const [keyword, user, ...rest] = words;
      if (keyword !== 'user' || user === undefined) throw wrong('has a line that does not begin with "user"');
      if (users.has(user)) throw wrong(`has the user ${user} twice`);
      current = rest;
      users.set(user, current);
    }
  }
  for (const [user, rest] of users)
    if (rest.some((rule) => PASSWORD_RULE.test(rule))) throw wrong(`has a password in the rules of ${user}`);
  return users;
}

const wrong = (what: string): AppError =>
  new AppError('CONFIG_INVALID', `The file of the users of Redis ${what}`, {
    fix: 'See deploy/redis/users.acl for what it has to look like.',
  });
