/** Calls back with each line of a text, its ending included: a large file is never cut into an array of lines. */
export const eachRow = (text: string, use: (line: string) => void) => {
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf('\n', at);
    const stop = end < 0 ? text.length : end + 1;
    use(text.slice(at, stop));
    at = stop;
  }
};
