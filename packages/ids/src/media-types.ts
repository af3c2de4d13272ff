/** What recordings are of. Profiles can have certificates and a policy for each. */
export const MEDIA_TYPES = ['voice', 'screen', 'digital'] as const;
export type MediaType = (typeof MEDIA_TYPES)[number];
export const isMediaType = (text: string): text is MediaType => MEDIA_TYPES.some((each) => each === text);

/**
 * What happens to a recording when no certificate can be used. required: it is sealed to the tenant's holding key.
 * optional: it is stored in clear, and that is said. off: every recording is.
 */
export const POLICIES = ['required', 'optional', 'off'] as const;
export type Policy = (typeof POLICIES)[number];
export const isPolicy = (text: string): text is Policy => POLICIES.some((each) => each === text);
