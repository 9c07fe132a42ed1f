import type { MemoryReport } from "../contract/types.ts";

/** Above the recommended bytes other processes may get in the way; they are the limit itself where nothing shares it. */
export type Device = Readonly<MemoryReport["devices"][number]>;
