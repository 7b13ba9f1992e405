/** The value of a repeatable option whose position among other options matters: the last one on the command line wins. */
export interface OrderedValue {
  readonly value: string
  /** Higher values come later on the command line. */
  readonly position: number
}
