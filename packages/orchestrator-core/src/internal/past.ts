import type { Journal } from "../Journal.ts"
import type { TaskOutcome } from "../TaskOutcome.ts"
import * as Usage from "../Usage.ts"
import { recalled } from "./stored.ts"
import type { TaskState } from "./taskState.ts"
import { itemsOf, keyOf, keyWithin } from "./unitKey.ts"

/** What earlier lives of a run have left of its tasks; nothing where the engine does not store. */
export class Past {
  private readonly journal: Journal | undefined
  /** What the keys of the run's tasks begin with. */
  private readonly place: string

  constructor(journal: Journal | undefined, place: string) {
    this.journal = journal
    this.place = place
  }

  key(state: TaskState): string {
    return `${this.place}${keyOf([state.id])}`
  }

  /** What was spent on a task and all beneath it. */
  spentOn(state: TaskState): Usage.Usage {
    return this.journal?.spent(this.key(state)) ?? Usage.zero
  }

  /** What was spent on the items of a fan-out. */
  spentOnItems(state: TaskState): Usage.Usage {
    return this.journal?.spent(itemsOf(this.key(state))) ?? Usage.zero
  }

  /** Both. */
  spentInAll(state: TaskState): Usage.Usage {
    const isFanOut = state.task["~body"]._tag === "forEach" && state.parent === undefined
    return isFanOut ? Usage.add(this.spentOn(state), this.spentOnItems(state)) : this.spentOn(state)
  }

  /** What a task came to. */
  outcomeOf(state: TaskState): TaskOutcome<unknown, unknown> | undefined {
    return this.journal === undefined ? undefined : recalled(this.journal, this.key(state), state)
  }

  /** The items that a fan-out had. */
  itemKeys(state: TaskState): ReadonlyArray<string> | undefined {
    const text = this.journal?.known(keyWithin(this.key(state), "items"))
    return text === undefined ? undefined : JSON.parse(text)
  }

  /** Whether it is a plan whose run has begun, and has not ended. */
  hasBegunRun(state: TaskState): boolean {
    return state.task["~body"]._tag === "plan" && this.journal?.isReached(this.key(state)) === true
  }
}
