export function withLock<T>(lock: string, onWait: (pid: string) => void, work: () => Promise<T>): Promise<T>;
