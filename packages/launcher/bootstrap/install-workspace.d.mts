export class InstallError extends Error {}
export function installApart(root: string, folder: string, title: string): Promise<void>;
