/** An address as it may be repeated: without login and query, where people put tokens. */
export function concealSecrets(address: string): string {
  return address.replace(/^.*@/s, "…@").replace(/[?#].*$/s, "");
}
