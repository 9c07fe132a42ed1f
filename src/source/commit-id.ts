/** True for the full id of a commit, which unlike a branch or a tag never means anything else. */
export function isCommitId(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text);
}
