import type { Note } from "../notes.ts";
import type { Paint } from "./paint.ts";
import { makePrintable } from "./printable.ts";
import type { Failure, ModelReport } from "../contract/types.ts";

/** `error: …`, and below it what to do. */
export function renderFailure({ message, hint }: Pick<Failure, "message" | "hint">, paint: Paint): string {
  const error = `${paint.red("error:")} ${makePrintable(message)}`;
  return hint === null ? error : `${error}\n  ${paint.dim("hint:")} ${makePrintable(hint)}`;
}

/** One line a note; models that share a note share the line, and one that the note names itself is not named twice. */
export function renderNotes(models: readonly Pick<ModelReport, "id" | "notes">[], paint: Paint): string[] {
  const owners = new Map<string, { note: Note; ids: string[] }>();
  for (const { id, notes } of models)
    for (const note of notes) {
      const entry = owners.get(note.message) ?? { note, ids: [] };
      owners.set(note.message, entry);
      if (!entry.ids.includes(id) && !note.message.includes(id)) entry.ids.push(id);
    }
  return [...owners.values()].map(
    ({ note, ids }) =>
      `${paint.yellow("note:")} ${makePrintable([...(ids.length > 0 ? [ids.join(", ")] : []), note.message].join(": "))}`,
  );
}
