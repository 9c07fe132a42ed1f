/** The names of the models of one table: ids, and for an id that is there twice what differs. */
import type { ModelReport } from "../contract/types.ts";
import { LlmSizeError } from "../errors.ts";
import { parseReference, type Reference } from "../source/reference.ts";

type NamedModel = Pick<ModelReport, "id" | "reference">;

/** The parts of a reference other than the id, as text that follows the id. */
const PARTS: readonly ((reference: Reference) => string)[] = [
  (reference) => ("revision" in reference && reference.revision !== null ? `@${reference.revision}` : ""),
  (reference) => (reference.kind !== "repository" || reference.label === null ? "" : `:${reference.label}`),
  (reference) => (reference.kind !== "repository" || reference.file === null ? "" : `/${reference.file}`),
];

/** Name each model by its id; where several have that id, with the revision, quantization or file in which they differ. */
export function nameModels(models: readonly NamedModel[]): string[] {
  return models.map((model) => {
    const parts = splitReference(model);
    const namesakes = models.filter(({ id }) => id === model.id).map(splitReference);
    const differing = parts.filter((part, index) => namesakes.some((other) => other[index] !== part));
    return `${model.id}${differing.join("")}`;
  });
}

/** Split what follows the id. An address of another Hub, which only its own run can parse, is shown as it was typed. */
function splitReference({ reference }: NamedModel): string[] {
  try {
    const parsed = parseReference(reference, "https://huggingface.co");
    return PARTS.map((format) => format(parsed));
  } catch (error) {
    if (!(error instanceof LlmSizeError)) throw error;
    return ["", "", ` (${reference})`];
  }
}
