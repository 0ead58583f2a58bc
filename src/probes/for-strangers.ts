/**
 * A reply of smtpd(8) by a rule that has nothing to do with recipient or relaying: the place from which probes look has no name
 * in DNS, and a server may want one. That the port is closed to everybody who has not logged in is another matter.
 */
export const forStrangers = (reply: string) =>
  /Client host rejected: cannot find your|Helo command rejected: Host not found/i.test(reply);
