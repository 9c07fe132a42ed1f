import type { ExitCode } from "../errors.ts";
import type { Session } from "./session.ts";

/** What a command line asks for. */
export type Request = TextRequest | CommandRequest;

/** Help or the version. */
export interface TextRequest {
  readonly kind: "text";
  readonly text: string;
  readonly stream: "stdout" | "stderr";
  readonly exitCode: 0 | 2;
}

export interface CommandRequest {
  readonly kind: "command";
  readonly run: (session: Session) => Promise<ExitCode>;
}

/** A command hands over what it is to run once the whole line has been read. */
export type Choose = (run: CommandRequest["run"]) => void;
