/** How times, speeds and context lengths are said. */

/**
 * @example formatDuration(95) //=> "1 min 35 s"
 * @example formatDuration(120) //=> "2 min"
 */
export function formatDuration(seconds: number): string {
  if (Number(seconds.toFixed(1)) < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return join([Math.floor(whole / 60), "min"], [whole % 60, "s"]);
  const minutes = Math.round(whole / 60);
  return join([Math.floor(minutes / 60), "h"], [minutes % 60, "min"]);
}

function join(...parts: readonly (readonly [number, string])[]): string {
  return parts.flatMap(([value, unit]) => (value === 0 ? [] : [`${value} ${unit}`])).join(" ");
}

/** @example formatSpeed(1_600_000) //=> "1.6 Mbps" */
export function formatSpeed(bitsPerSecond: number): string {
  const [unit, value] =
    bitsPerSecond >= 1e9 ? ["Gbps", 1e9] : bitsPerSecond >= 1e6 ? ["Mbps", 1e6] : ["kbps", 1e3];
  return `${Number((bitsPerSecond / value).toPrecision(3))} ${unit}`;
}

/**
 * How many tokens fit, rounded down.
 * @example formatTokens(8200) //=> "8k"
 */
export function formatTokens(tokens: number): string {
  return tokens >= 1024 ? `${Math.floor(tokens / 1024)}k` : String(tokens);
}

/**
 * How many tokens were asked for, exactly.
 * @example formatContext(8192) //=> "8k"
 * @example formatContext(5000) //=> "5000"
 */
export function formatContext(tokens: number): string {
  return tokens % 1024 === 0 ? formatTokens(tokens) : String(tokens);
}
