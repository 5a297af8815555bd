/** The one in the middle; of an even number the upper of the two. */
export const median = (values: ReadonlyArray<number>): number => {
  const middle = [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)]
  if (middle === undefined) throw new Error("nothing was measured")
  return middle
}
