/** The bytes of a part of a token. Only its one canonical spelling: node-jose also takes others, and then one token would have several names. */
export function canonicalPart(part: string | undefined): Buffer | undefined {
  const bytes = Buffer.from(part ?? '', 'base64url');
  return bytes.toString('base64url') === part ? bytes : undefined;
}
