/** Questions that adoption could not answer: the machine does them its own way, which is shown and plans nothing. */
export const isCustom = (own: Readonly<Record<string, unknown>> | undefined, question: string) =>
  own?.[question] === undefined &&
  Array.isArray(own?.['custom']) &&
  (own['custom'] as readonly unknown[]).includes(question);
