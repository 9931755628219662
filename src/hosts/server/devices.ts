/** The devices that can be chosen. */
export const devices: { id: string; name: string }[] = [];
export const deviceOf = (_id: string) => undefined;
