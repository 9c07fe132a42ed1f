import { fullEvery, alike, type ArchitectureRow } from "./architecture.ts";

/** Model types whose decoder attends to an encoder's output (`is_encoder_decoder` is true by default). */
export const ENCODER_DECODERS = {
  bart: { tied: true },
  blenderbot: { tied: true },
  led: { tied: true },
  longt5: { tied: true },
  m2m_100: { tied: true },
  marian: { tied: true },
  mbart: { tied: true },
  mt5: { tied: true, gguf: "t5" },
  "nllb-moe": { tied: true, defaults: { num_experts_per_tok: 2 } },
  pegasus: { tied: true },
  switch_transformers: { tied: true, defaults: { num_experts_per_tok: 1 } },
  t5: { tied: true },
  t5_gemma_module: { tied: true, layers: fullEvery(2) },
  t5gemma: { tied: true, layers: fullEvery(2) },
  t5gemma2: { tied: true, layers: fullEvery(6, "sliding_window_pattern", "_sliding_window_pattern") },
  umt5: { tied: true, gguf: "t5" },
  whisper: { tied: true },
  ...alike(
    { tied: true },
    "bigbird_pegasus blenderbot-small mvp pegasus_x plbart prophetnet seamless_m4t",
    "seamless_m4t_v2",
  ),
  ...alike({ tied: false }, "fsmt"),
} satisfies Record<string, ArchitectureRow>;
