/** Show what training takes: a row without checkpointing and one with it. */
import type { MemoryReport } from "../contract/types.ts";
import type { UnitSystem } from "./options.ts";
import type { Section } from "./sections.ts";
import { leftColumn, rightColumn, scaleColumn, tabulate, UNKNOWN, type Column, type Table } from "./table.ts";
import { formatBytes, formatCount } from "./units.ts";

type Training = NonNullable<MemoryReport["training"]>;
type Run = Training["runs"][number];

const MODES = { full: "all weights", lora: "LoRA", qlora: "QLoRA" } as const satisfies Record<
  Training["mode"],
  string
>;

export function buildTrainingSections(
  training: Training,
  { context, batch, devices }: MemoryReport,
  units: UnitSystem,
): Section[] {
  const { mode, rank, optimizer, dtype, trainedParameters, runs, reason } = training;
  const what = `${MODES[mode]}${rank === null ? "" : ` of rank ${rank}`}`;
  const count = trainedParameters === null ? "" : ` (${formatCount(trainedParameters)} parameters)`;
  const caption = `training ${what}${count} with ${optimizer} in ${dtype}, ${batch} × ${context} tokens`;
  if (runs.length === 0) return [{ lines: [`${caption}: unknown: ${reason ?? "no reason given"}`] }];
  const table = (unitPerCell: boolean) => buildTable(training, devices, { units, unitPerCell });
  return [{ lines: [caption] }, { table: table(false), narrow: table(true) }];
}

function buildTable(
  { runs, fits }: Training,
  devices: MemoryReport["devices"],
  scale: { readonly units: UnitSystem; readonly unitPerCell: boolean },
): Table {
  const bytes = (title: string, value: (run: Run) => number, isEstimate: boolean) =>
    scaleColumn<Run>(title, runs, {
      value,
      isApproximate: () => isEstimate,
      scale: scale.units,
      unitPerCell: scale.unitPerCell,
    });
  return tabulate(runs, [
    leftColumn("", ({ checkpointing }) => (checkpointing ? "checkpointing" : "no checkpointing")),
    bytes("weights", ({ weightsBytes }) => weightsBytes, false),
    bytes("gradients", ({ gradientBytes }) => gradientBytes, false),
    bytes("optimizer", ({ optimizerBytes }) => optimizerBytes, false),
    bytes("activations", ({ activationBytes }) => activationBytes, true),
    bytes("peak", ({ peakBytes }) => peakBytes, true),
    ...devices.map(({ id, limitBytes }) =>
      rightColumn<Run>(
        id,
        ({ checkpointing }) =>
          fits.find((fit) => fit.device === id && fit.checkpointing === checkpointing)?.outcome ?? UNKNOWN,
        /^\d/.test(id) ? "" : formatBytes(limitBytes, scale.units),
      ),
    ),
  ] satisfies Column<Run>[]);
}
