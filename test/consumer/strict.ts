import { LlmSizeError, listQuantizations, measure, type ModelReport, type Report } from "llm-size";
import { explain, measure as measureInPage, type Report as PageReport } from "llm-size/browser";

/** Measure in a page, with a token, a signal and progress. */
export async function measureHere(token: string, signal: AbortSignal): Promise<PageReport> {
  const { tensors } = await explain("gemma-2b", { signal });
  console.log(tensors?.weights.length);
  return measureInPage(["gemma-2b"], {
    token,
    signal,
    onProgress: ({ read, known }) => console.log(read, known),
  });
}

/** Print the download of a model at each quantization. */
export async function printSizes(reference: string): Promise<void> {
  const report: Report = await measure(reference, { quantizations: ["int4", "gguf:Q4_K_M"] });
  report.models.forEach((model: ModelReport) => {
    for (const { quantization, bytes, errorBand } of model.sizes) console.log(quantization, bytes, errorBand);
    const stored: number | null = model.parameters.stored;
    console.log(stored, model.published?.bytes ?? "unknown");
  });
  for (const failure of report.failures) console.error(failure.message, failure.hint);
}

export const names: readonly string[] = listQuantizations();
export const isOurs = (error: unknown): boolean => error instanceof LlmSizeError && error.code === "USAGE";
