import { ROLE, NUMBER, rule, type Rule } from "./rule.ts"

/** Who leads, and who is hired. */
export const PEOPLE_RULES: ReadonlyArray<Rule> = [
  // People at the top.
  rule(
    "leadership_change",
    "appoints",
    2.6,
    1.5,
    String.raw`\b(?:appoint(?:s|ed|ing)?|names?|named|hir(?:es|ed)|promot(?:es|ed|ing)|elect(?:s|ed)?|welcomes?|welcomed|taps|tapped|recruits?|adds|added|selects|announces|strengthens|expands|bolsters|brings on)\b[^.;]{0,90}\b${ROLE}\b`
  ),
  rule(
    "leadership_change",
    "joins",
    2,
    1.2,
    String.raw`\b(?:joins?|joined|will join|returns? to|steps into|takes (?:the helm|over)|assum(?:es|ed|ing)|to lead|becomes?|became|succeeds?|to succeed|taking)\b[^.;]{0,60}\b(?:as|role of|position of|to|created)\b[^.;]{0,40}\b${ROLE}\b`
  ),
  rule(
    "leadership_change",
    "appointment",
    2.2,
    1.5,
    String.raw`\b(?:appointments? (?:of|to|as)|(?:executive|leadership|management|board|ceo|cfo|officer|director) (?:appointments?|promotions?|transition|changes?|succession|departure|hires?|additions?|retirement|reshuffle|shake-?up)|new (?:ceo|cfo|coo|cto|cmo|president|chief|chair(?:man)?|managing director|leadership)|has been (?:appointed|named|promoted|elected))\b`
  ),
  rule(
    "leadership_change",
    "leaves",
    2.4,
    1.7,
    String.raw`\b(?:step(?:s|ped|ping)? down|resign(?:s|ed|ation|ing)?|depart(?:s|ed|ure of)|to retire|will retire|retires|retirement of|(?:his|her|their) retirement|ous(?:ts|ted)|succession plan|(?:his|her|a|their|whose|named) successor|interim (?:ceo|chief|president|cfo)|(?:returns?|back|starts|takes over|steps in) as (?:\S+ ){0,3}?${ROLE}|separation (?:date|agreement and (?:general )?release)|ceased to (?:serve|be))\b`
  ),
  rule(
    "leadership_change",
    "team",
    1.4,
    0.5,
    String.raw`\b(?:leadership team|c-suite|executive team|management team)\b`
  ),
  rule(
    "leadership_change",
    "serve as",
    0.6,
    1.3,
    String.raw`\b(?:to serve as|will serve as|serving as|to the (?:position|role) of|(?:appointed|elected|named) (?:\S+ ){0,8}(?:as|to))\b[^.;]{0,60}\b${ROLE}\b`
  ),
  rule(
    "leadership_change",
    "compensation",
    0.6,
    1,
    String.raw`\b(?:compensation committee|compensatory arrangements?|named executive officers?|employment agreement|severance|(?:restricted|performance) (?:stock|share)s? (?:units?|awards?|grants?|agreements?)|incentive (?:compensation )?plan|offer letter|change[- ](?:of|in)[- ]control)\b`
  ),
  rule(
    "leadership_change",
    "item 5.02",
    2,
    2,
    String.raw`\bitem 5\.02\b|departure of directors|election of directors; appointment`
  ),
  rule(
    "leadership_change",
    "named to a list",
    -2.6,
    -1.4,
    String.raw`\b(?:named|names|selects|selected|recogni[sz]ed|listed)\b[^.;]{0,70}\b(?:one of|among|best|top|\d{2,4}|ranking|list|award|finalist|winner|a leader|of the year|fastest|magic quadrant|most)\b`
  ),
  rule(
    "leadership_change",
    "voted at a meeting",
    -1.2,
    -3,
    String.raw`\bannual (?:general )?meeting\b[^.]{0,200}\b(?:elect|vot|approv|proposal|quorum|held)|\bproxy statement\b|\bquorum\b`
  ),
  rule(
    "leadership_change",
    "opinion",
    -1.8,
    -0.6,
    String.raw`\b(?:says?|said|interview|podcast|featured|discuss\w*|speaks?|keynote|shares (?:his|her|insights|tips)|explains?|op-ed)\b`
  ),

  // Jobs.
  rule(
    "hiring",
    "creates jobs",
    2.8,
    1.6,
    String.raw`\b(?:(?:creat\w*|add\w*|generat\w*|bring\w*|fill\w*|seeks?|offer\w*)\s(?:\S+\s){0,5}?(?:jobs|positions|roles|openings|vacancies)|${NUMBER}\s(?:\S+\s){0,4}?(?:jobs|job openings|new hires|open positions|open roles))\b`
  ),
  rule(
    "hiring",
    "hiring event",
    2.8,
    1.4,
    String.raw`\b(?:hiring (?:event|spree|fair|push|drive|blitz|day|campaign|initiative|surge|plans?|now)|job fair|career fair|recruit(?:ment|ing) (?:event|drive|campaign|day)|(?:is|are|now|begins?|plans?|continues?) (?:to hire|hiring)|to hire (?:\d[\d,]*|more|hundreds|thousands|over|up to|additional|new|dozens)|hires? (?:\d[\d,]*|hundreds|thousands|more than|over))\b`
  ),
  rule(
    "hiring",
    "hires many",
    2.6,
    1.3,
    String.raw`\b(?:hiring|recruiting|hires?|employ(?:s|ing)?) (?:\S+ ){0,2}?\d[\d,]*\b|\b(?:doubl|tripl|grow|increas|expand)\w* (?:its |their |the )?(?:\S+ ){0,2}?(?:workforce|headcount|team|staff)\b(?! with)`
  ),
  rule(
    "hiring",
    "workforce",
    1.6,
    0.8,
    String.raw`\b(?:expand\w* (?:its |their )?(?:workforce|headcount|team by)|(?:doubl|tripl|grow|increas)\w* (?:its |their )?(?:workforce|headcount|team)|seasonal (?:workers|employees|associates|hiring)|job (?:openings|seekers|applicants)|recruits? \d[\d,]*)\b`
  ),
  rule(
    "hiring",
    "about jobs in general",
    -2,
    -0.8,
    String.raw`\b(?:freelance jobs|jobs (?:report|data|market|numbers)|unemployment|job market|plugin|how to|guide|tips|layoffs?|cuts? (?:\S+ ){0,3}jobs)\b`
  )
]
