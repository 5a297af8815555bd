/**
 * The address of a mailbox, `local@domain`.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

const atom = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
const label = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
const shape = new RegExp(`^${atom}(?:\\.${atom})*@${label}(?:\\.${label})*$`)

/**
 * Whether mail can be addressed to it in any mail system: RFC 5322's dot-atom form in ASCII, at most 64 characters before the `@` and
 * 254 altogether. Quoted local parts, comments and address literals are not taken.
 *
 * @category guards
 * @since 0.1.0
 */
export const isAddress = (text: string): boolean => text.length <= 254 && text.indexOf("@") <= 64 && shape.test(text)

/**
 * @category schemas
 * @since 0.1.0
 */
export const Address = Schema.String.check(
  Schema.makeFilter(isAddress, { expected: "the address of a mailbox, such as ada@example.com" })
)
/**
 * @category models
 * @since 0.1.0
 */
export type Address = typeof Address.Type
