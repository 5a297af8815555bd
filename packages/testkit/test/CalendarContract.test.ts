import * as CalendarMemory from "@aria/connectors/CalendarMemory"
import * as CalendarContractSuite from "@aria/testkit/CalendarContractSuite"

CalendarContractSuite.make({ name: "CalendarMemory", layer: CalendarMemory.layer })
