/** The peer's address as ACLs and the words know it: IPv4 stays IPv4 on a dual-stack socket. */
export function plainAddress(address: string | undefined): string {
  if (address === undefined) return '0.0.0.0';
  return address.startsWith('::ffff:') ? address.slice(7) : address;
}
