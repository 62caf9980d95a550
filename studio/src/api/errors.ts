/** What can go wrong with a call: the server's own typed errors, or no server at all. */

/** An answer of application/problem+json. `code` is stable; docs/errors.md lists them. */
export class ApiError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly remedy: string,
    readonly status: number,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

/** Nobody answered, or a proxy did in the server's place. */
export class Unreachable extends Error {
  constructor() {
    super("The server does not answer.");
    this.name = "Unreachable";
  }
}

export const isAbort = (error: unknown): boolean => error instanceof DOMException && error.name === "AbortError";
