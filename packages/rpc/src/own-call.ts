/** Health and reflection: nobody loses anything when these end, and nobody wants to read about them. */
export const isOwnCall = (path: string): boolean => path.startsWith('/grpc.');
