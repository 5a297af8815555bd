/** Takes secrets out of texts that others wrote: messages of servers, of the network, and of the platform. */
export type Scrub = (text: string) => string;
export declare const scrubber: (secrets: ReadonlyArray<string>) => Scrub;
