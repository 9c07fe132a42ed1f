import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  countBytes,
  placeLayers,
  splitByMemory,
  type PlaceRequest,
} from "../../../src/memory/llama-cpp/place.ts";

// "load_tensors: layer 17 assigned to device CUDA1" for the 32 layers and the output of Llama 3.1 8B on two equal GPUs.
test.each([
  [33, [1, 1], [17, 16]],
  [33, [24, 12], [22, 11]],
  [49, [24, 24, 24], [17, 16, 16]],
  [33, [24], [33]],
  [1, [8, 8], [1, 0]],
])("%d layers on GPUs of %j: %j", (count, gpuBytes, split) => {
  expect(splitByMemory(count, gpuBytes)).toEqual(split);
});

const request = (changes: Partial<PlaceRequest> = {}): PlaceRequest => ({
  weights: {
    inputBytes: 5,
    outputBytes: 20,
    layers: Array.from({ length: 8 }, () => ({ bytes: 10, expertBytes: 8, largestBytes: 3 })),
  },
  kvCacheBytes: Array.from({ length: 8 }, () => 1),
  overhead: { layerBytes: 2, outputBytes: 4 },
  draftBytes: 0,
  gpuBytes: [60, 60],
  ramBytes: null,
  ...changes,
});

const place = (changes: Partial<PlaceRequest>) => {
  const { gpus, ram, ...rest } = placeLayers(request(changes));
  const { gpuLayers, expertLayers, split, missingBytes } = rest;
  return { gpus: gpus.map(countBytes), ram: countBytes(ram), gpuLayers, expertLayers, split, missingBytes };
};

describe("eight layers of 11 bytes with their cache, 8 of them experts, and an output of 20", () => {
  test.each<[string, Partial<PlaceRequest>, ReturnType<typeof place>]>([
    [
      "all on two GPUs, as llama.cpp splits them",
      { gpuBytes: [60, 60] },
      { gpus: [57, 57], ram: 5, gpuLayers: 9, expertLayers: [], split: null, missingBytes: 0 },
    ],
    [
      "a split of their own where the default leaves too much for the last GPU",
      { gpuBytes: [79, 40] },
      { gpus: [79, 35], ram: 5, gpuLayers: 9, expertLayers: [], split: [7, 2], missingBytes: 0 },
    ],
    [
      "the experts of the first layers in RAM",
      { gpuBytes: [100], ramBytes: 100 },
      { gpus: [99], ram: 23, gpuLayers: 9, expertLayers: [0, 1], split: null, missingBytes: 0 },
    ],
    [
      "the experts of the first layers of each GPU",
      { gpuBytes: [52, 52], ramBytes: 100 },
      { gpus: [52, 49], ram: 23, gpuLayers: 9, expertLayers: [0, 5], split: null, missingBytes: 0 },
    ],
    [
      "all experts and the first layers in RAM",
      { gpuBytes: [40], ramBytes: 120 },
      { gpus: [39], ram: 83, gpuLayers: 5, expertLayers: [4, 5, 6, 7], split: null, missingBytes: 0 },
    ],
    [
      "everything in RAM without a GPU",
      { gpuBytes: [], ramBytes: 120 },
      { gpus: [], ram: 117, gpuLayers: 0, expertLayers: [], split: null, missingBytes: 0 },
    ],
    [
      "what is missing",
      { gpuBytes: [50, 50] },
      { gpus: [57, 57], ram: 5, gpuLayers: 9, expertLayers: [], split: null, missingBytes: 14 },
    ],
  ])("%s", (_what, changes, expected) => {
    expect(place(changes)).toEqual(expected);
  });
});

const bytes = fc.integer({ min: 1, max: 1_000 });
const requests = fc.record({
  weights: fc.record({
    inputBytes: bytes,
    outputBytes: bytes,
    layers: fc.array(
      fc.record({
        bytes: fc.integer({ min: 500, max: 1_000 }),
        expertBytes: fc.integer({ min: 0, max: 400 }),
      }),
      { minLength: 1, maxLength: 12 },
    ),
  }),
  kv: fc.integer({ min: 0, max: 100 }),
  overhead: fc.record({ layerBytes: bytes, more: bytes }),
  gpuBytes: fc.array(fc.integer({ min: 500, max: 8_000 }), { maxLength: 3 }),
  ramBytes: fc.option(fc.integer({ min: 0, max: 20_000 })),
});

test("every byte lies on one device, and what fits is within every limit", () => {
  fc.assert(
    fc.property(requests, ({ weights, kv, overhead, gpuBytes, ramBytes }) => {
      const layers = weights.layers.map((layer) => ({ ...layer, largestBytes: layer.expertBytes }));
      const placed = placeLayers({
        weights: { ...weights, layers },
        kvCacheBytes: layers.map(() => kv),
        overhead: { layerBytes: overhead.layerBytes, outputBytes: overhead.layerBytes + overhead.more },
        draftBytes: 0,
        gpuBytes,
        ramBytes,
      });
      const loads = [...placed.gpus, placed.ram];
      const sum = (key: "layers" | "weightsBytes" | "kvCacheBytes") =>
        loads.reduce((total, load) => total + load[key], 0);
      expect(sum("layers")).toBe(layers.length + 1);
      expect(sum("kvCacheBytes")).toBe(kv * layers.length);
      expect(sum("weightsBytes")).toBe(
        layers.reduce((total, layer) => total + layer.bytes, weights.inputBytes + weights.outputBytes),
      );
      const over = placed.gpus.map((load, gpu) => countBytes(load) - (gpuBytes[gpu] ?? 0));
      if (ramBytes !== null) over.push(countBytes(placed.ram) - ramBytes);
      const missing = over.reduce((total, one) => total + Math.max(0, one), 0);
      expect(placed.missingBytes).toBe(missing);
      if (ramBytes === null && gpuBytes.length > 0) expect(placed.gpuLayers).toBe(layers.length + 1);
    }),
  );
});

/** Try every way to cut the layers into one part per GPU. */
function fitsSomehow({ weights, kvCacheBytes, overhead, gpuBytes }: PlaceRequest): boolean {
  const count = weights.layers.length + 1;
  const cuts =
    gpuBytes.length === 1 ? [[count]] : Array.from({ length: count + 1 }, (_, cut) => [cut, count - cut]);
  return cuts.some((split) => {
    let first = 0;
    return split.every((own, gpu) => {
      const part = Array.from({ length: own }, (_, index) => first + index);
      first += own;
      const sum = part.reduce(
        (total, layer) =>
          total + (weights.layers[layer]?.bytes ?? weights.outputBytes) + (kvCacheBytes[layer] ?? 0),
        0,
      );
      const computing = own === 0 ? 0 : part.includes(count - 1) ? overhead.outputBytes : overhead.layerBytes;
      return sum + computing <= (gpuBytes[gpu] ?? 0);
    });
  });
}

test("nothing fits on one or two GPUs that is said not to", () => {
  fc.assert(
    fc.property(requests, ({ weights, kv, overhead, gpuBytes }) => {
      const layers = weights.layers.map((layer) => ({ ...layer, largestBytes: 0 }));
      const whole: PlaceRequest = {
        weights: { ...weights, layers },
        kvCacheBytes: layers.map(() => kv),
        overhead: { layerBytes: overhead.layerBytes, outputBytes: overhead.layerBytes + overhead.more },
        draftBytes: 0,
        gpuBytes: gpuBytes.length === 0 ? [4_000] : gpuBytes.slice(0, 2),
        ramBytes: null,
      };
      expect(placeLayers(whole).missingBytes === 0).toBe(fitsSomehow(whole));
    }),
  );
});
