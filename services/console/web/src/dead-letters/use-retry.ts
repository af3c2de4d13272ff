import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ask } from '../api-client.ts';

/** Hands a capture over again. What lists it is asked for anew, whether that went well or not: it may be gone already. */
export function useRetry(tenant: string, onDone: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (number: number) =>
      ask('POST /tenants/:tenant/dead-letters/:number/retry', { tenant, number: String(number) }),
    onSuccess: onDone,
    onSettled: () =>
      Promise.all(
        ['dead-letters', 'failed-captures', 'recording'].map((group) =>
          client.invalidateQueries({ queryKey: [group, tenant] }),
        ),
      ),
  });
}
