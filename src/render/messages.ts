import { listNames } from "../contract/list-names.ts";
import type { Failure, ModelReport } from "../contract/types.ts";
import type { Paint } from "./options.ts";
import { makePrintable } from "./text.ts";

/** Render `error: …` and, below it, what to do. */
export function renderFailure({ message, hint }: Pick<Failure, "message" | "hint">, paint: Paint): string {
  const error = `${paint.red("error:")} ${makePrintable(message)}`;
  return hint === null ? error : `${error}\n  ${paint.dim("hint:")} ${makePrintable(hint)}`;
}

/** A line names at most this many models; --json has the notes of each. */
const MOST_NAMES = 3;

/** Render one line per note. Models with the same note share its line; a note that contains the id does not repeat it. */
export function renderNotes(models: readonly Pick<ModelReport, "id" | "notes">[], paint: Paint): string[] {
  const idsByMessage = new Map<string, Set<string>>();
  for (const { id, notes } of models)
    for (const { message } of notes) {
      const ids = idsByMessage.get(message) ?? new Set();
      idsByMessage.set(message, message.includes(id) ? ids : ids.add(id));
    }
  return [...idsByMessage].map(([message, ids]) => {
    const owners = ids.size > 0 ? `${listNames([...ids], MOST_NAMES)}: ` : "";
    return `${paint.yellow("note:")} ${makePrintable(owners + message)}`;
  });
}
