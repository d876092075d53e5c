// Commands as the terminal would split them.

/** The options of "npx tapegrad train --model vgg --no-flip": their texts, or true. */
export function optionsOf(command: string): Record<string, string | true> {
  const options: Record<string, string | true> = {};
  for (const option of command.split(" --").slice(1)) {
    const [name, value = true] = option.split(" ");
    options[name!] = value;
  }
  return options;
}
