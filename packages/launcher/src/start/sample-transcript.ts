/** A chat that nobody had. */
export const SAMPLE_TRANSCRIPT = `10:02 Customer: Hello, my parcel says delivered, but it is not here.
10:02 Alma: Hello! I am sorry about that. May I have the number on the slip?
10:03 Customer: ST-2041.
10:04 Alma: Thank you. It is with your neighbour at number 14; the driver noted it at 9:31.
10:05 Customer: Found it. Thanks!
10:05 Alma: Lovely. Have a good day.
`;
