/** What pipelines call the agent, as the index takes it unless it is told otherwise (SEALTRACK_AGENT_ATTRIBUTES). */
const NAMES = ['agent', 'agentid', 'agent_id', 'agentname', 'agent_name'];

/** Who took part, of a recording's attributes. */
export function agentOf(attributes: Readonly<Record<string, string>>): string {
  const byName = new Map(
    Object.entries(attributes).map(([name, value]) => [name.toLowerCase().trim(), value]),
  );
  return NAMES.map((name) => byName.get(name) ?? '').find((value) => value !== '') ?? '';
}
