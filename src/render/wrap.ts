/** Breaks a sentence between words: the first line and all others begin with an indent each. A long word stays whole. */
export function wrapWords(text: string, width: number, first: string, others: string): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const indent = lines.length === 0 ? first : others;
    const longer = line === "" ? indent + word : `${line} ${word}`;
    if (line !== "" && longer.length > width) {
      lines.push(line);
      line = others + word;
    } else line = longer;
  }
  return [...lines, line].join("\n");
}
