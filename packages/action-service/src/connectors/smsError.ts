/** A message that the provider did not take. */
export class SmsError extends Error {
  /** Sending it again would change nothing. */
  permanent: boolean;
  /** How long the provider wants to be left alone; null: it does not say. */
  retryAfterSeconds: number | null;
  constructor(message: string, permanent: boolean, options?: ErrorOptions & { retryAfterSeconds?: number | null }) {
    super(message, options);
    this.permanent = permanent;
    this.retryAfterSeconds = options?.retryAfterSeconds ?? null;
  }
}
