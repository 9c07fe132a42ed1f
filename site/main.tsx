/** The page: the models in its address, measured against the Hub by the library, and drawn as in the HTML report. */
import { render } from "preact";
import { explain, LlmSizeError, measure, type Report } from "../src/browser.ts";
import { SectionList } from "../src/render/html/section.tsx";
import { buildReportSections } from "../src/render/report-sections.ts";
import type { Section } from "../src/render/sections.ts";

const form = find("form", HTMLFormElement);
const field = find("#models", HTMLInputElement);
const status = find("#status", HTMLElement);
const result = find("#result", HTMLElement);
const endpoint = find("meta[name=hub]", HTMLMetaElement).content;

/** What is being measured; another choice ends it. */
let running = new AbortController();

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const address = new URLSearchParams({ models: splitModels(field.value).join(" ") });
  history.pushState(null, "", `?${address.toString().replaceAll("%2F", "/")}`);
  void showAddress();
});
addEventListener("popstate", () => void showAddress());
void showAddress();

/** Measure the models of the address. */
async function showAddress(): Promise<void> {
  running.abort();
  const { signal } = (running = new AbortController());
  const models = splitModels(new URLSearchParams(location.search).get("models") ?? "");
  field.value = models.join(" ");
  document.title =
    models.length === 0 ? "llm-size: how big is that model?" : `${models.join(", ")} – llm-size`;
  render(null, result);
  status.textContent = models.length === 0 ? "" : "Reading from the Hub …";
  if (models.length === 0) return;
  result.ariaBusy = "true";
  try {
    const { sections, failures } = await measureSections(models, signal);
    render(<SectionList sections={sections} units="si" />, result);
    status.textContent =
      failures === 0 ? "Measured." : `Measured ${models.length - failures} of ${models.length}.`;
  } catch (error) {
    if (signal.aborted) return;
    status.textContent =
      error instanceof LlmSizeError ? [error.message, error.hint].filter(Boolean).join("; ") : String(error);
  }
  result.ariaBusy = null;
}

async function measureSections(
  models: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly sections: readonly Section[]; readonly failures: number }> {
  const options = {
    endpoint,
    signal,
    onProgress({ read, known }: { readonly read: number; readonly known: number }) {
      if (!signal.aborted) status.textContent = `Read the headers of ${read} of ${known} files …`;
    },
  };
  const [only, ...others] = models;
  if (only === undefined || others.length > 0) {
    const report = await measure(models, options);
    return { sections: buildReportSections(report, "html", "si"), failures: report.failures.length };
  }
  const { model, tensors, files: _, ...explained } = await explain(only, options);
  const report: Report = {
    ...explained,
    models: model ? [model] : [],
    verdicts: [],
    changes: [],
    passed: null,
    code: null,
  };
  const sections = [
    ...buildReportSections(report, "html", "si"),
    ...(tensors
      ? [{ title: "Weights", picture: { kind: "treemap", weights: tensors.weights } as const }]
      : []),
  ];
  return { sections, failures: report.failures.length };
}

/** Models are separated by spaces or commas, which no reference contains. */
function splitModels(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== "");
}

function find<Kind extends HTMLElement>(selector: string, kind: new () => Kind): Kind {
  const found = document.querySelector(selector);
  if (!(found instanceof kind)) throw new TypeError(`the page lacks ${selector}`);
  return found;
}
