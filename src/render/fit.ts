/** Whether models run: per model a row per quantization, with a column per device and connection. */
import { NO_LIMIT_TOKENS } from "../contract/terms.ts";
import type { MemoryReport, ModelReport, Report } from "../contract/types.ts";
import { countBytes } from "../memory/llama-cpp/place.ts";
import { renderJson } from "./json.ts";
import { nameModels } from "./model-names.ts";
import type { DocumentFormat, RenderOptions, UnitSystem } from "./options.ts";
import { renderSections, type Section } from "./sections.ts";
import { leftColumn, rightColumn, scaleColumn, tabulate, UNKNOWN, type Column, type Table } from "./table.ts";
import { splitFamily } from "./text.ts";
import { buildTrainingSections } from "./training.ts";
import { formatBytes, formatDuration, formatSpeed, formatTokens } from "./units.ts";

/** More rows are shown on request, or in formats for other programs. */
const MAX_ROWS = 8;

export async function renderFit(
  report: Report,
  format: DocumentFormat,
  options: RenderOptions & { readonly all: boolean },
): Promise<string> {
  if (format === "json") return renderJson(report);
  const maxRows = options.all || format !== "text" ? Infinity : MAX_ROWS;
  const names = nameModels(report.models);
  const sections = report.models.flatMap((model, index): Section[] => [
    ...buildSections({ ...model, id: names[index] ?? model.id }, options.units, maxRows),
    ...(format === "html" ? [{ picture: { kind: "bars", model } as const }] : []),
  ]);
  return await renderSections(sections, format, options);
}

function buildSections({ id, memory, sizes }: ModelReport, units: UnitSystem, maxRows: number): Section[] {
  if (!memory) return [{ title: id }];
  if (memory.training)
    return [
      { title: id },
      ...buildTrainingSections(memory.training, memory, units),
      { lines: formatLimits(memory) },
    ];
  const count = memory.weights.length;
  const isShort = count <= maxRows;
  return [
    { title: id, caption: [formatMemory(memory, units)] },
    ...(memory.recommendations.length > 0 ? [{ table: buildAnswers(memory, units) }] : []),
    { lines: formatLimits(memory) },
    ...buildPlacements(memory, units),
    ...(isShort
      ? [
          {
            table: buildTable(memory, sizes, { units }),
            narrow: buildTable(memory, sizes, { units, unitPerCell: true }),
          },
        ]
      : []),
    {
      lines: [
        ...formatSupportFiles(memory, units),
        ...(isShort ? [] : [`--all lists all ${count} quantizations`]),
      ],
    },
  ];
}

/** @example formatMemory(memory, "si") //=> "4096 tokens: KV cache 75.5 MB (bf16), overhead ~528 MB" */
function formatMemory(memory: MemoryReport, units: UnitSystem): string {
  const { context, batch, kvCacheBytes, kvDtype, modelContext, reason } = memory;
  const sequences = batch === 1 ? "" : ` × ${batch}`;
  const beyond =
    modelContext !== null && modelContext < context ? ` (the model supports ${modelContext})` : "";
  const start = `${context} tokens${sequences}${beyond}`;
  if (kvCacheBytes === null) return `${start}: KV cache unknown: ${reason ?? "no reason given"}`;
  const cache =
    kvCacheBytes === 0 ? "no KV cache" : `KV cache ${formatBytes(kvCacheBytes, units)} (${kvDtype})`;
  return `${start}: ${cache}, overhead ${formatOverhead(memory, units)}${formatDraft(memory, units)}`;
}

/** @example formatDraft(memory, "si") //=> ", draft Qwen/Qwen3-0.6B ~1.5 GB" */
function formatDraft({ draft, weights }: MemoryReport, units: UnitSystem): string {
  if (draft === null) return "";
  const sizes = weights.flatMap(({ draftBytes }) => draftBytes ?? []);
  if (sizes.length === 0) return `, draft ${draft} unknown`;
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)].map((bytes) => formatBytes(bytes, units));
  return `, draft ${draft} ~${least === most ? "" : `${least} to `}${most}`;
}

/** Format one estimate, or the range where it depends on the weights. */
function formatOverhead({ weights, overheadBytes }: MemoryReport, units: UnitSystem): string {
  const least = Math.min(...weights.map((row) => row.overheadBytes ?? overheadBytes));
  const from = least < overheadBytes ? `${formatBytes(least, units)} to ` : "";
  return `~${from}${formatBytes(overheadBytes, units)}`;
}

/** A row per device: what to take, what it needs and leaves, the next better and the next smaller choice. */
function buildAnswers(memory: MemoryReport, units: UnitSystem): Table {
  const { recommendations, weights } = memory;
  // A level, such as fp16, is of no family.
  const { family } = splitFamily(
    weights.map(({ quantization }) => quantization).filter((name) => name.includes(":")),
  );
  const shorten = (name: string) =>
    family !== "" && name.startsWith(`${family}:`) ? name.slice(family.length + 1) : name;
  return tabulate(recommendations, [
    leftColumn("", ({ device }, index) => shortenDevice(device, recommendations[index - 1]?.device)),
    leftColumn(family === "" ? "take" : `take (${family})`, ({ quantization, outcome }) => {
      if (quantization === null) return outcome === "exceeds" ? "none fits" : UNKNOWN;
      return `${shorten(quantization)}${outcome === "tight" ? " (tight)" : ""}`;
    }),
    rightColumn("needs", ({ needsBytes }) =>
      needsBytes === null ? "" : `~${formatBytes(needsBytes, units)}`,
    ),
    rightColumn("tokens", ({ quantization, maxContext }) =>
      quantization === null ? "" : formatLongest({ maxContext }),
    ),
    leftColumn("next better", ({ better }) =>
      better ? `${shorten(better.quantization)}: ${formatBytes(better.missingBytes, units)} more` : "",
    ),
    leftColumn("next safer", ({ safer }) => {
      if (!safer) return "";
      const left = safer.maxContext === null ? "" : ` (${formatLongest(safer)})`;
      return `${shorten(safer.quantization)}${left}`;
    }),
  ] satisfies Column<Recommendation>[]);
}

/** How each recommended quantization lies on a machine, and the commands that run it so. */
function buildPlacements(
  { recommendations, placements, devices }: MemoryReport,
  units: UnitSystem,
): Section[] {
  const shown = recommendations.flatMap(
    ({ device, quantization }) =>
      placements.find((one) => one.device === device && one.quantization === quantization) ?? [],
  );
  return shown.map((placement) => ({
    lines: [`${formatPlacement(placement, units)}${formatUnused(placement, devices)}`],
    commands: placement.commands,
  }));
}

type Placement = MemoryReport["placements"][number];

/** @example formatPlacement(placement, "si") //=> "2x24GB: 24 + 25 layers, ~21.3 GB + ~22.0 GB; RAM ~300 MB" */
function formatPlacement(placement: Placement, units: UnitSystem): string {
  const { device, gpus, ram, expertLayersInRam, maxSequences, engine } = placement;
  const format = (load: Placement["ram"]) => `~${formatBytes(countBytes(load), units)}`;
  const layers = gpus.map((load) => load.layers).filter((count) => count !== null);
  const experts =
    expertLayersInRam.length === 0 ? "" : ` with the experts of ${expertLayersInRam.length} layers`;
  const inRam = ram.layers ? ` with ${ram.layers} layers` : "";
  const isFirst = (load: Placement["ram"]) => gpus[0] !== undefined && format(load) === format(gpus[0]);
  return [
    `${device}, ${engine}: `,
    ...(layers.length > 0 ? [`${layers.join(" + ")} layers, `] : []),
    gpus.length > 1 && gpus.every(isFirst)
      ? `${gpus.length} × ${gpus[0] ? format(gpus[0]) : ""}`
      : gpus.map(format).join(" + "),
    ...(engine === "llama.cpp" ? [`${gpus.length > 0 ? "; " : ""}RAM ${format(ram)}${inRam}${experts}`] : []),
    ...(maxSequences === null ? [] : [`; ${maxSequences} sequences at once`]),
  ].join("");
}

/** vLLM shares a model between as many GPUs as divide its heads. */
function formatUnused({ device, engine, gpus }: Placement, devices: MemoryReport["devices"]): string {
  const all = devices.find(({ id }) => id === device)?.machine?.gpus.length ?? 0;
  if (engine !== "vllm" || gpus.length >= all) return "";
  return `; on ${gpus.length} of ${all} GPUs, as ${all} do not divide the heads`;
}

/** A machine with RAM comes after the same one without: `+64GB-ram`. */
function shortenDevice(device: string, before: string | undefined): string {
  return before !== undefined && device.startsWith(`${before}+`) ? device.slice(before.length) : device;
}

/** @example formatLimits(memory) //=> "limits: entitled iOS app (iphone-16), GPU memory (rtx-4090)" */
function formatLimits({ devices }: MemoryReport): string[] {
  if (devices.length === 0) return [];
  return [`limits: ${devices.map(({ id, limitName }) => `${limitName} (${id})`).join(", ")}`];
}

/** Format what is downloaded with the weights, where its size is known. */
function formatSupportFiles({ weights, connections }: MemoryReport, units: UnitSystem): string[] {
  const supportBytes = Math.max(
    0,
    ...weights.map(({ bytes, fetchBytes }) =>
      bytes === null || fetchBytes === null ? 0 : fetchBytes - bytes,
    ),
  );
  if (supportBytes === 0) return [];
  const times = connections.map(
    ({ id, bitsPerSecond }) => `${formatDuration((supportBytes * 8) / bitsPerSecond)} at ${id}`,
  );
  return [`plus tokenizer and config: ${[formatBytes(supportBytes, units), ...times].join(", ")}`];
}

type Recommendation = MemoryReport["recommendations"][number];
type Row = MemoryReport["weights"][number];

function buildTable(
  memory: MemoryReport,
  sizes: ModelReport["sizes"],
  { units, unitPerCell }: { readonly units: UnitSystem; readonly unitPerCell?: boolean },
): Table {
  const { weights: rows, devices, connections, fits, downloads } = memory;
  const { family, names } = splitFamily(rows.map(({ quantization }) => quantization));
  const predicted = new Set(
    sizes.filter(({ basis }) => basis === "predicted").map(({ quantization }) => quantization),
  );
  const columns: Column<Row>[] = [
    leftColumn(family, (_, index) => names[index]),
    scaleColumn("weights", rows, {
      value: ({ bytes }) => bytes,
      isApproximate: ({ quantization }) => predicted.has(quantization),
      scale: units,
      unitPerCell,
      hasBars: true,
    }),
    scaleColumn("memory", rows, {
      value: ({ totalBytes }) => totalBytes,
      isApproximate: () => true,
      scale: units,
      unitPerCell,
      hasBars: true,
    }),
    ...devices.map(({ id, limitBytes }) =>
      rightColumn<Row>(
        id,
        ({ quantization }) =>
          fits.find((fit) => fit.quantization === quantization && fit.device === id)?.outcome ?? UNKNOWN,
        // The size is the name of a device given by --memory: 8GB.
        /^\d/.test(id) ? "" : formatBytes(limitBytes, units),
      ),
    ),
  ];
  if (devices.length === 1 && rows.some(({ maxContext }) => maxContext !== null))
    columns.push(rightColumn("longest", formatLongest, "tokens"));
  for (const { id, bitsPerSecond, source } of connections) {
    const formatTime = ({ quantization }: Row) => {
      const own = downloads.find((one) => one.connection === id && one.quantization === quantization);
      const seconds = own?.weightsSeconds ?? null;
      return seconds === null ? UNKNOWN : formatDuration(seconds);
    };
    const title = source === null ? "download" : id;
    columns.push(rightColumn(title, formatTime, `at ${formatSpeed(bitsPerSecond)}`));
  }
  return tabulate(rows, columns);
}

function formatLongest({ maxContext }: Pick<Row, "maxContext">): string {
  if (maxContext === null) return UNKNOWN;
  return maxContext >= NO_LIMIT_TOKENS ? "any" : formatTokens(maxContext);
}
