import { createHash } from 'node:crypto';

/** What pipelines call the agent. */
export const DEFAULT_AGENT_ATTRIBUTES: readonly string[] = [
  ...['agent', 'agentId', 'agent_id', 'agentName', 'agent_name'],
];

/** Text as it is compared: in any case, however its accents are written. */
export const fold = (text: string): string => text.normalize('NFC').trim().toLowerCase();

/** The same names always alike: each once, as it is compared, in order. */
export const agentAttributes = (names: readonly string[]): readonly string[] =>
  [...new Set(names.map(fold))].sort();

/** Who took part in a recording, as it is compared: the values of the attributes of these names. */
export function agentsOf(
  attributes: Readonly<Record<string, string>>,
  names: readonly string[],
): readonly string[] {
  const agents = Object.entries(attributes)
    .filter(([name]) => names.includes(fold(name)))
    .map(([, value]) => fold(value));
  return [...new Set(agents)].filter((agent) => agent !== '');
}

const SAFE = /^[a-z0-9._@+-]{1,64}$/;
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** What an agent is called in a key: himself where that is possible, so that a person can read it. */
export const agentKeyPart = (agent: string): string => (SAFE.test(agent) ? agent : sha256(agent));

/** Short and different for each set of names: recordings are found by agents that were taken from these attributes. */
export const attributesMark = (names: readonly string[]): string => sha256(names.join('\n')).slice(0, 8);
