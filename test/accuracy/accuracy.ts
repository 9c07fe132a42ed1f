/** How close predictions come to real files, and counts to real checkpoints: `npm run accuracy`. */
import { renderActive } from "./active.ts";
import { renderCounters } from "./counters.ts";
import { renderScanAccuracy } from "./scan-corpus.ts";
import { renderAccuracy, renderMisses } from "./tables.ts";

process.stdout.write(
  `${renderAccuracy()}\n\n${renderMisses()}\n\n${renderCounters()}\n\n${renderActive()}\n\n${renderScanAccuracy()}\n`,
);
