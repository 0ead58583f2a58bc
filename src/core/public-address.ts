/** Whether the Internet can reach an address, as far as its range says (RFC 6890 has them all; these are the ones that servers have). */
export const isPublicAddress = (address: string) =>
  !/^(?:10\.|127\.|169\.254\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|::1$|f[cd]|fe[89ab])/i.test(
    address,
  );
