import fc from "fast-check";
import { expect, test } from "vitest";
import { LlmSizeError } from "../../../src/errors.ts";
import { FORMAT_NAMES, type PackageFormatName } from "../../../src/format/packages/format-names.ts";
import { FORMAT_EXAMPLES, type FormatExample } from "./format-examples.ts";
import { choose, madeRepository } from "./made-repository.ts";

const EXAMPLES: Readonly<Record<PackageFormatName, FormatExample>> = FORMAT_EXAMPLES;

/** Files that come with models or pretend to be one. */
const DECOYS = [
  "lora/adapter_model.safetensors",
  "adapter_model.safetensors",
  "pytorch_lora_weights.safetensors",
  "consolidated.safetensors",
  "voices/af.pt",
  "mmproj-F16.gguf",
  "mtp-m.gguf",
  "m-Q4_K_M.gguf",
  "vae/diffusion_pytorch_model.safetensors",
  "sub/model.safetensors",
  "model.safetensors",
  "optimizer.pt",
  "weights.pb",
  "other.safetensors",
  "onnx/model.onnx",
  "encoder.onnx",
  "tokenizer.json",
  "README.md",
  ".git/config",
  "without-ending",
  "weights.unknown",
];

interface Made {
  readonly format: PackageFormatName;
  readonly own: Readonly<Record<string, number>>;
  readonly decoys: Readonly<Record<string, number>>;
  readonly isCut: boolean;
}

const made: fc.Arbitrary<Made> = fc
  .record({
    format: fc.constantFrom(...FORMAT_NAMES),
    names: fc.uniqueArray(fc.constantFrom(...DECOYS), { maxLength: 6 }),
    shares: fc.array(fc.double({ min: 0.0001, max: 0.99, noNaN: true }), { minLength: 6, maxLength: 6 }),
    isCut: fc.boolean(),
  })
  .map(({ format, names, shares, isCut }) => {
    const own = EXAMPLES[format].files;
    const bytes = sumOf(own);
    const decoys = names
      .filter((name) => !(name in own))
      .map((name, index) => [name, Math.round(bytes * (shares[index] ?? 0))] as const);
    return { format, own, decoys: Object.fromEntries(decoys), isCut };
  });

function sumOf(sizes: Readonly<Record<string, number>>): number {
  return Object.values(sizes).reduce((sum, bytes) => sum + bytes, 0);
}

/** The choice among some files in the order of `keys`; null where the program refuses to choose. */
async function chooseShuffled(
  { format, own, decoys, isCut }: Made,
  keys: Iterator<number>,
): Promise<Awaited<ReturnType<typeof choose>>> {
  const shuffled = Object.entries({ ...own, ...decoys })
    .map((file) => ({ file, key: Number(keys.next().value) }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ file }) => file);
  const source = madeRepository(Object.fromEntries(shuffled), EXAMPLES[format].texts);
  try {
    return await choose({ ...source, isListingCut: isCut });
  } catch (error) {
    if (error instanceof LlmSizeError && REFUSALS.has(error.code)) return null;
    throw error;
  }
}

const REFUSALS: ReadonlySet<string> = new Set(["SEVERAL_MODELS", "INCOMPLETE_WEIGHTS"]);

/** The bytes by which a gate passes: those of the figure, or the bound of its doubt; null where it never passes. */
function passingBytes({ bytes, doubt }: NonNullable<Awaited<ReturnType<typeof choose>>>): number | null {
  return doubt === null ? bytes : doubt.atMostBytes;
}

/** Names that transformers fetches: next to a model in another format they are the model, and it is a conversion of them. */
const LOADED = ["model.safetensors", "consolidated.safetensors"];

/** The least bytes of the model: a conversion has up to 4.5 times the bytes of the checkpoint. */
function leastBytes({ format, own, decoys }: Made): number {
  const isConversion = format !== "safetensors" && LOADED.some((name) => name in decoys);
  return sumOf(own) / (isConversion ? 4.5 : 1);
}

const order = fc.infiniteStream(fc.nat());

test("the account has every file once, and the checkpoint's bytes are the figure", async () => {
  await fc.assert(
    fc.asyncProperty(made, order, async (input, keys) => {
      const choice = await chooseShuffled(input, keys);
      if (!choice) return;
      const paths = Object.keys({ ...input.own, ...input.decoys, ...EXAMPLES[input.format].texts });
      expect(choice.account.map(({ path }) => path).toSorted()).toEqual(paths.toSorted());
      const used = choice.account.filter(({ is }) => is === "checkpoint");
      expect(used.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(choice.bytes);
    }),
    { numRuns: 500 },
  );
}, 60_000);

test("no gate passes a model by less than its bytes, whatever lies next to it", async () => {
  await fc.assert(
    fc.asyncProperty(made, order, async (input, keys) => {
      const choice = await chooseShuffled(input, keys);
      const bytes = choice && passingBytes(choice);
      if (bytes !== null) expect(bytes).toBeGreaterThanOrEqual(leastBytes(input));
    }),
    { numRuns: 1000 },
  );
}, 60_000);

test("the figure does not shrink when a file is added", async () => {
  await fc.assert(
    fc.asyncProperty(made, fc.constantFrom(...DECOYS), order, async (input, name, keys) => {
      fc.pre(!(name in { ...input.own, ...input.decoys }));
      const more = { ...input, decoys: { ...input.decoys, [name]: Math.round(sumOf(input.own) / 3) } };
      const [before, after] = [await chooseShuffled(input, keys), await chooseShuffled(more, keys)];
      if (!before || !after || before.doubt) return;
      const bytes = passingBytes(after);
      // Where the file has the name that a loader takes, the model is another.
      const least = LOADED.includes(name) ? leastBytes(more) : before.bytes;
      if (bytes !== null) expect(bytes).toBeGreaterThanOrEqual(least);
    }),
    { numRuns: 1000 },
  );
}, 60_000);

test("the order of a listing means nothing", async () => {
  await fc.assert(
    fc.asyncProperty(made, order, order, async (input, one, other) => {
      const [a, b] = [await chooseShuffled(input, one), await chooseShuffled(input, other)];
      expect(a?.bytes).toBe(b?.bytes);
      expect(a?.uses).toEqual(b?.uses);
      expect(a?.doubt).toEqual(b?.doubt);
    }),
    { numRuns: 300 },
  );
}, 60_000);
