/**
 * Decoded chain data as plain JavaScript values.
 *
 * | Chain | Here |
 * |---|---|
 * | integers up to 32 bits | `number` |
 * | wider integers | `bigint` |
 * | accounts | address |
 * | bytes and hashes | `0x…` |
 * | `Option` | the value or `null` |
 * | enum without data | the variant's name |
 * | enum with data | `{ Variant: data }` |
 * | structs | objects, keys in camel case |
 * | lists and tuples | arrays |
 */
import { GenericAccountId } from '@polkadot/types';
import {
	AbstractArray,
	AbstractInt,
	bool,
	Compact,
	Enum,
	Null,
	Option,
	Struct,
	Text,
} from '@polkadot/types-codec';

/** Returns the plain value of a value that the API decoded. */
export function plain(codec) {
	if (codec instanceof Option) return codec.isSome ? plain(codec.unwrap()) : null;
	if (codec instanceof Compact) return plain(codec.unwrap());
	if (codec instanceof AbstractInt) {
		return codec.bitLength() <= 32 ? codec.toNumber() : codec.toBigInt();
	}
	if (codec instanceof bool) return codec.isTrue;
	if (codec instanceof Null) return null;
	if (codec instanceof Text || codec instanceof GenericAccountId) return codec.toString();
	if (codec instanceof Enum) {
		return codec.isNone || codec.inner instanceof Null
			? codec.type
			: { [codec.type]: plain(codec.inner) };
	}
	if (codec instanceof Struct) {
		return Object.fromEntries([...codec].map(([key, value]) => [key, plain(value)]));
	}
	if (codec instanceof AbstractArray) return [...codec].map(plain);
	return codec.toHex();
}
