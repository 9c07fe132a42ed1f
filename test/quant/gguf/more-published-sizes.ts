import type { SchemeOptions } from "../../../src/quant/scheme.ts";

interface MorePublishedSize {
  readonly base: string;
  readonly published: string;
  readonly name: string;
  readonly bytes: number;
  readonly options?: SchemeOptions;
}

/** Further published files, as aflin/rampart-langtools lists them in rampart-models.js. */
export const MORE_PUBLISHED_SIZES: readonly MorePublishedSize[] = [
  ...list("google/gemma-3-1b-it", "ggml-org/gemma-3-1b-it-GGUF", {
    Q4_K_M: 806_058_240,
    Q8_0: 1_069_306_368,
    F16: 2_006_573_568,
  }),
  ...list("google/gemma-3-4b-it", "ggml-org/gemma-3-4b-it-GGUF", {
    Q4_K_M: 2_489_757_856,
    Q8_0: 4_130_226_336,
    F16: 7_767_474_336,
  }),
  ...list(
    "microsoft/phi-4",
    "microsoft/phi-4-gguf",
    {
      BF16: 29_323_399_360,
      Q8_0: 15_580_500_160,
      Q6_K: 12_030_251_200,
      Q5_K_M: 10_604_187_840,
      Q5_K_S: 10_151_579_840,
      Q5_1: 11_035_660_480,
      Q5_0: 10_151_579_840,
      Q4_K_M: 9_053_114_560,
      Q4_K_S: 8_440_762_560,
      Q4_1: 9_267_499_200,
      Q4_0: 8_383_418_560,
      Q3_K_L: 7_930_155_200,
      Q3_K_M: 7_363_268_800,
      Q3_K_S: 6_504_747_200,
      Q2_K: 5_547_348_160,
      IQ4_XS: 8_013_058_240,
      IQ4_NL: 8_440_762_560,
      IQ3_M: 6_913_835_200,
      IQ3_S: 6_504_747_200,
      IQ3_XS: 6_246_699_200,
      IQ3_XXS: 6_079_643_840,
      TQ1_0: 3_591_098_560,
    },
    { imatrix: false },
  ),
  ...list("HuggingFaceTB/SmolLM-1.7B", "bartowski/SmolLM2-1.7B-Instruct-GGUF", {
    F16: 3_424_735_936,
    Q6_K: 1_405_965_280,
    Q5_K_M: 1_225_479_136,
    Q4_K_M: 1_055_609_824,
    Q4_0: 993_874_912,
    Q3_K_L: 932_533_216,
    Q2_K: 674_583_520,
    IQ4_XS: 940_397_536,
    IQ3_M: 810_243_040,
    IQ3_XS: 739_070_944,
  }),
  ...list(
    "HuggingFaceTB/SmolLM-1.7B",
    "bartowski/SmolLM2-1.7B-Instruct-GGUF, head of 8 bits",
    { Q6_K: 1_430_344_672, Q4_K_M: 1_079_989_216, Q2_K: 698_962_912 },
    { headBits: 8 },
  ),
  ...list("Qwen/Qwen2.5-7B-Instruct", "bartowski/DeepSeek-R1-Distill-Qwen-7B-GGUF", {
    F32: 30_468_419_264,
    F16: 15_237_853_152,
    Q4_K_S: 4_457_768_928,
    Q4_1: 4_873_283_552,
    Q4_0: 4_444_121_056,
    IQ4_XS: 4_218_472_416,
    IQ4_NL: 4_437_813_216,
    IQ3_M: 3_574_011_872,
    IQ3_XS: 3_346_255_840,
    IQ2_M: 2_780_342_240,
  }),
  ...list(
    "Qwen/Qwen3-8B",
    "Qwen/Qwen3-8B-GGUF",
    {
      Q8_0: 8_709_518_112,
      Q6_K: 6_725_899_040,
      Q5_K_M: 5_851_112_224,
      Q5_0: 5_720_761_152,
      Q4_K_M: 5_027_783_488,
    },
    { imatrix: false },
  ),
];

function list(
  base: string,
  published: string,
  sizes: Readonly<Record<string, number>>,
  options: SchemeOptions = {},
): MorePublishedSize[] {
  return Object.entries(sizes).map(([name, bytes]) => ({ base, published, name, bytes, options }));
}
