/** The names of the well-known development accounts, shown on development chains only. */
export const DEVELOPMENT_NAMES: Readonly<Record<string, string>> = {
	'5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY': 'Alice',
	'5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty': 'Bob',
	'5FLSigC9HGRKVhB9FiEo4Y3koPsNmBmLJbpXg2mp1hXcS59Y': 'Charlie',
	'5DAAnrj7VHTznn2AWBemMuyBwZWs6FNFjdyVXUeYum3PTXFy': 'Dave',
	'5HGjWAeFDfFCWPsjFQdVV2Msvz2XtMktvgocEZcCj68kUMaw': 'Eve',
	'5CiPPseXPECbkjWCa6MnjNokrgYjMqmKndv2rSnekmSK2DjL': 'Ferdie',
	'5DHoPpbCMgfzBCtbYLPPCVmLHWKJb8TJngYDeF7oEQGL7FxQ': 'Grace',
	'5CJyNnn4QpQgrchusGPKwETtwWQhnb6tSsKBuKA3nhaChEWd': 'Heidi',
	'5HQVsCj8yjXgKfXCo69kwUFJLKkq7kCiHJsqMjuihTK1xLHw': 'Ivan',
	'5D7eRSPCYKwDot549F1kwmrAiWNRrGZT3eq7VkLGnPQi2Ut9': 'Mallory',
};

/** Returns a hue for an address, so that an account has the same colour everywhere. */
export function hueOf(address: string): number {
	let hash = 2166136261;
	for (let i = 0; i < address.length; i++) hash = Math.imul(hash ^ address.charCodeAt(i), 16777619);
	return (hash >>> 8) % 360;
}
