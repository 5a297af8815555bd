// oxlint-disable-next-line no-control-regex
const ascii = /^[\u0000-\u007f]*$/

const forms = ["NFC", "NFD", "NFKC", "NFKD"] as const

const utf8Bytes = (text: string): number => {
  let bytes = text.length
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    // Half of a pair is two of the four bytes of its character; alone it is written as U+FFFD, which is three.
    if (unit >= 0xd800 && unit <= 0xdfff) bytes += isPaired(text, index) ? 1 : 2
    else if (unit >= 0x800) bytes += 2
    else if (unit >= 0x80) bytes += 1
  }
  return bytes
}

const isPaired = (text: string, index: number): boolean => {
  const isHigh = text.charCodeAt(index) <= 0xdbff
  const other = text.charCodeAt(index + (isHigh ? 1 : -1))
  return isHigh ? other >= 0xdc00 && other <= 0xdfff : other >= 0xd800 && other <= 0xdbff
}

/** The bytes of a text in UTF-8, in that of its normal forms that is longest: tokenizers may normalise before they split. */
export const bytesAtMost = (text: string): number =>
  ascii.test(text) ? text.length : Math.max(utf8Bytes(text), ...forms.map((form) => utf8Bytes(text.normalize(form))))
