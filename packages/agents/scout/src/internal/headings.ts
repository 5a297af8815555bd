/** Sentences with which the part of a release begins that is not its news: all that follows is boilerplate. */
export const BOILERPLATE_START =
  /^[\s#*_>=-]{0,8}(?:forward[- ]looking (?:statements?|information)|(?:cautionary|special) (?:note|statement|language)|safe harbou?r|disclaimers?\b|disclosures?:|(?:media |press |investor |company |corporate |public |pr )?(?:relations )?contacts?(?: details| information| us| person)?\s*(?:$|:|\n|[A-Z])|(?:media|press|investor|general|public) (?:inquiries|enquiries|relations|contacts?)\b|for (?:more|further|additional) (?:information|details)|to learn more (?:about|visit)|notes? to editors?|view (?:the )?(?:source|original)|source:?\s|-?\s?ends?\s?-|###|this (?:press|news) release (?:may )?contains?|certain statements (?:in|contained)|statements (?:in|made in) this (?:press |news )?release|the securities (?:offered|described)|this (?:announcement|article|post|content) (?:is|was|contains)|follow (?:us|the company) on|exhibit index|signatures?\s*$|pursuant to the requirements of the securities)/i

/** "About Acme", as a line of its own or run into the sentence that follows. Capitals count. */
export const ABOUT_START =
  /^[\s#*_>=-]{0,8}(?:About|ABOUT) (?:the |The |THE )?(?!\d|(?:Half|One|This|That|What|How|Why)\b)[A-Z"(][^\n.!?]{0,80}(?:$|[:\n.]|\s(?:is|are|was|has|provides|offers|founded|\())/

/** "BOSTON, May 8, 2025 (GLOBE NEWSWIRE) -- ": what wires put before the first sentence. */
export const DATELINE =
  /^(?=[^\n]{0,160}?(?:\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.? \d|newswire|prnewswire|business wire|businesswire|pressrelease|accesswire|newswi))[^\n]{0,160}?(?:\s(?:--|-|\u2013|\u2014)|\/\s?-{1,2}|\u2014|--)\s*(?=["\u201c'A-Z0-9])/i

/** A full stop after these ends no sentence. */
export const ABBREVIATIONS = new Set(
  "inc corp ltd co llc plc lp dr mr mrs ms prof st jr sr vs no nos fig approx dept est gov sen rep gen col lt sgt capt rev hon jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun ave blvd u.s u.k e.g i.e a.m p.m ph.d bros gmbh intl mfg univ assn minn calif mass conn wash ariz colo fla ga ill md mich mo okla ore pa tenn tex va vt wis".split(
    " "
  )
)
