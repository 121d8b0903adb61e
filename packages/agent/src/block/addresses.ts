import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { agentBounds } from '@dfr-ops/contracts';
import ipaddr from 'ipaddr.js';

type Network = [ipaddr.IPv4 | ipaddr.IPv6, number];

/** Kinds of address that no outsider comes from: whoever stands behind them is a proxy, a neighbour, or we ourselves. */
const notOutside: Record<string, string> = {
  unspecified: 'is no address of anybody',
  broadcast: 'is no address of anybody',
  multicast: 'is no address of anybody',
  loopback: 'is this machine',
  private: 'is a private address: a proxy or a neighbour',
  uniqueLocal: 'is a private address: a proxy or a neighbour',
  deprecatedSiteLocal: 'is a private address: a proxy or a neighbour',
  linkLocal: 'is an address of the own network',
  carrierGradeNat: 'is shared by many people of one carrier',
  ipv4Mapped: 'is an IPv4 address in disguise: name that one',
  rfc6145: 'is an IPv4 address in disguise: name that one',
  rfc6052: 'is an IPv4 address in disguise: name that one',
};

export type Checked = { network: string; why: null } | { network: null; why: string };

/**
 * The network as nginx is to read it (`203.0.113.7`, `203.0.113.0/24`), or why it must not be blocked. `never`: addresses
 * and networks that stay open, besides all addresses of this machine.
 */
export function checkAddress(
  given: string,
  never: readonly string[],
  own: readonly string[] = ownAddresses()
): Checked {
  const network = readNetwork(given);
  if (!network) {
    return refused(`${given} is no address, nor a network such as 203.0.113.0/24`);
  }
  const [address, prefix] = network;
  const least = agentBounds.blockPrefix[address.kind() as 'ipv4' | 'ipv6'];
  if (prefix < least) {
    return refused(`${given} is too wide: a network of /${least} or smaller, or one address`);
  }
  const kind = notOutside[address.range()];
  if (kind) {
    return refused(`${given} ${kind}`);
  }
  const mine = own.find((one) => overlaps(network, one));
  if (mine) {
    return refused(`${given} holds ${mine}, which is this machine`);
  }
  const open = never.find((one) => overlaps(network, one));
  if (open) {
    return refused(`${given} holds ${open}, which is never to be blocked (NGINX_NEVER_BLOCK)`);
  }
  return { network: prefix === address.toByteArray().length * 8 ? String(address) : `${address}/${prefix}`, why: null };
}

const refused = (why: string): Checked => ({ network: null, why });

/** Null for what is none. The bits behind the prefix are cleared. */
export function readNetwork(text: string): Network | null {
  const [, address = '', prefix] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  // The library also reads 127.1 and 0x7f000001, which nobody means.
  if (isIP(address) === 0) {
    return null;
  }
  const parsed = ipaddr.parse(address);
  const bits = parsed.toByteArray().length * 8;
  const length = prefix === undefined ? bits : Number(prefix);
  if (length > bits) {
    return null;
  }
  const base = parsed.kind() === 'ipv4' ? ipaddr.IPv4 : ipaddr.IPv6;
  return [base.networkAddressFromCIDR(`${parsed}/${length}`), length];
}

function overlaps(network: Network, text: string): boolean {
  const other = readNetwork(text);
  if (!other || other[0].kind() !== network[0].kind()) {
    return false;
  }
  const wider = other[1] < network[1] ? other : network;
  const narrower = wider === other ? network : other;
  return narrower[0].match(wider as never);
}

function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((found) => (found ?? []).map(({ address }) => address));
}
