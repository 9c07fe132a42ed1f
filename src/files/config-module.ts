/** A config file that is code runs in a thread of its own: it can neither end this process nor keep it from ending. */
import { pathToFileURL } from "node:url";

/** A module may read files or ask a server, but has to end. */
const MODULE_TIMEOUT_MS = 10_000;

/** Its value is copied as plain data, which runs getters and refuses functions. What it prints goes to stderr. */
const THREAD = `
const { parentPort, workerData } = require("node:worker_threads");
process.stdout.write = process.stderr.write.bind(process.stderr);
import(workerData)
  .then(async (module) => parentPort.postMessage({ value: await module.default }))
  .catch((error) => parentPort.postMessage({ problem: String(error?.message ?? error) }));
`;

/** Import the default export of a module as plain data. Throws an Error that says why it cannot. */
export async function importConfig(path: string): Promise<unknown> {
  const { Worker } = await import("node:worker_threads");
  // On Windows only a URL can be imported.
  const thread = new Worker(THREAD, { eval: true, workerData: pathToFileURL(path).href });
  let timer: NodeJS.Timeout | undefined;
  try {
    const answer = await new Promise<{ readonly value?: unknown; readonly problem?: string }>(
      (resolve, reject) => {
        const fail = (problem: string) => () => reject(new Error(problem));
        timer = setTimeout(fail(`it did not end within ${MODULE_TIMEOUT_MS / 1000} s`), MODULE_TIMEOUT_MS);
        thread
          .on("message", resolve)
          .on("messageerror", reject)
          .on("error", reject)
          .on("exit", fail("it ended without a value"));
      },
    );
    if (answer.problem !== undefined) throw new Error(answer.problem);
    return answer.value;
  } finally {
    clearTimeout(timer);
    await thread.terminate();
  }
}
