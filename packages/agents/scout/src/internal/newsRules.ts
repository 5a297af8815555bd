import { MONEY, type Rule, rule } from "./rule.ts"

/** What authorities, studies, figures, places and honours say, and what is no event. */
export const NEWS_RULES: ReadonlyArray<Rule> = [
  // Authorities and courts.
  rule(
    "regulatory",
    "approval",
    2.6,
    1.5,
    String.raw`\b(?:(?:receiv|grant|gain|obtain|secur|win|won|get|announc|award)\w*\s(?:\S+\s){0,6}?(?:approval|clearance|authori[sz]ation|designation|licen[sc]e|permit|certification from|registration|accreditation|consent|exemption|green light|marketing rights|ce mark)s?|(?:fda|ema|mhra|nmpa|pmda|health canada|regulatory|marketing|regulator|government|california|european|eu|uk|nasdaq|sec|court|commission) (?:\S+ )?(?:approval|approves|approved|clears|cleared|clearance|authori[sz]ation|authori[sz]es|designation|accepts|grants|nod|licen[sc]e)|510\s?\(?k\)?|ce mark|approved by the|premarket|emergency use|(?:orphan drug|breakthrough|fast track|priority review|pediatric disease|rare pediatric|rmat|qidp)\b)`
  ),
  rule(
    "regulatory",
    "authority",
    1,
    0.5,
    String.raw`\b(?:fda|ema|food and drug administration|european medicines agency|fcc|ftc|doj|cfpb|finra|fdic|fca|mas|sfc|bafin|asic|epa|cftc|antitrust|regulat(?:or|ors|ory|ion|ions)|compliance with (?:the )?\w+)\b`
  ),
  rule(
    "regulatory",
    "court",
    2.4,
    1.4,
    String.raw`\b(?:lawsuits?|class[- ]action|sues?|sued|suing|litigation|court (?:rul|order|filing|decision|approv|grant|dismiss)\w*|(?:supreme|district|federal|appeals) court|judge|jury|verdict|injunction|(?:amicus )?briefs? (?:filed|in)|amicus|plaintiffs?|complaint (?:filed|alleg)\w*|alleg(?:es|ed|ing|edly)|settle(?:s|ment)\b|infringement|indict\w*|charged with|pleads?|subpoena|consent (?:order|decree)|cease and desist|shareholder alert|securities fraud)\b`
  ),
  rule(
    "regulatory",
    "enforcement",
    2.2,
    1.3,
    String.raw`\b(?:fin(?:ed|es) ${MONEY}|fined|penalt(?:y|ies)|probe|investigat(?:es?|ion) (?:by|into|of)|warning letter|complete response letter|recall(?:s|ed|ing)?|sanction(?:s|ed)|import alert|(?:delisting|deficiency|non-?compliance|minimum bid|continued listing)\b|enforcement action|supervisory (?:directive|order|agreement)|bans?\b)`
  ),
  rule(
    "regulatory",
    "accused",
    2.4,
    1.3,
    String.raw`\b(?:sec|doj|ftc|cftc|cfpb|finra|fca|regulators?|prosecutors?|authorities|watchdog|attorney general) (?:\S+ )?(?:charges?|charged|fines?|sues?|probes?|accuses?|investigates?|orders?|opens?|blocks?|bans?|rejects?|warns?|seeks?|raids?)\b|\b(?:insider trading|money laundering|bribery|accounting fraud|wire fraud|notice of compliance|price[- ]fixing)\b|\bcleared? (?:of|by)\b`
  ),
  rule(
    "regulatory",
    "submission",
    2,
    1.2,
    String.raw`\b(?:(?:new drug|biologics license|marketing authori[sz]ation|premarket approval|investigational new drug|abbreviated new drug) application|\b(?:s?nda|s?bla|maa|anda|pdufa) (?:submission|filing|acceptance|date|submitted|for|accepted|resubmission)|(?:submits?|submitted|files?|filed|submission|acceptance) (?:\S+ ){0,5}\b(?:nda|bla|maa|ind|510k|anda|application) (?:to|with|for)|(?:insurance|reimbursement|billing) codes?|cpt codes?|item 3\.01)\b`
  ),
  rule("regulatory", "explains", -1.4, -0.4, String.raw`\b(?:what [^?]{0,50}need to know|how to|guide to|\?$|webinar)`),

  // Studies in people.
  rule(
    "clinical_trial",
    "phase",
    2.6,
    1.6,
    String.raw`\b(?:phase\s?(?:[0-4]|i{1,3}|iv)(?:[ab]|\/\d\w?|\/i{1,3}\w?|-\d)?\b(?!\s(?:of the (?:project|program|plan)|development|construction|drill\w*|exploration|expansion)))`
  ),
  rule(
    "clinical_trial",
    "clinical",
    2.2,
    1.1,
    String.raw`\b(?:clinical (?:trials?|study|studies|data|results|milestones?|program|development|proof)|pivotal (?:trial|study|data)|(?:first|last) (?:patient|participant|subject)s?|(?:patients?|participants?|subjects?) (?:dosed|enrolled|randomi[sz]ed|treated)|(?:dos(?:es|ed|ing)|enroll?(?:s|ed|ment|ing)?) (?:\S+ ){0,4}(?:patient|participant|subject|cohort|in|complete)s?)\b`
  ),
  rule(
    "clinical_trial",
    "readout",
    2.2,
    1.2,
    String.raw`\b(?:top-?line (?:results|data)|interim (?:analysis|data|results from)|primary endpoints?|secondary endpoints?|placebo|randomi[sz]ed|double-blind|efficacy|safety and tolerability|overall survival|trial results|data safety monitoring|readout|(?:positive|preclinical|late-breaking|new) (?:\S+ ){0,3}data (?:from|for|on|in|presented|at))\b`
  ),
  rule(
    "clinical_trial",
    "trial",
    1.6,
    0.7,
    String.raw`\b(?:trials?\b|study (?:of|in|evaluating|published)|patients (?:with|in))`
  ),
  rule(
    "clinical_trial",
    "stage",
    2.2,
    1.1,
    String.raw`\b(?:early|mid|late)(?:-to-late)?[- ]stage (?:\S+ ){0,2}?(?:study|trial|data|test)|\b(?:halts?|pauses?|resumes?|stops?|starts?|begins?|initiates?|completes?) (?:\S+ ){0,4}?(?:trial|clinical)\b`
  ),
  rule(
    "clinical_trial",
    "designation",
    0.6,
    0.5,
    String.raw`\b(?:orphan drug|breakthrough therapy|fast track|rare pediatric|investigational new drug|ind (?:application|clearance))\b`
  ),

  // Figures of a period that has ended.
  rule(
    "earnings",
    "results",
    2.8,
    1.7,
    String.raw`\b(?:(?:(?:first|second|third|fourth|1st|2nd|3rd|4th|final|last)[- ](?:fiscal )?(?:quarter|half)|[1-4]q|q[1-4]|h[12]|[12]h|half[- ]year|full[- ]year|year[- ]end|annual|quarterly|fiscal|fy\s?'?\d{2,4}|interim|nine[- ]months?|six[- ]months?)\s(?:\S+\s){0,6}?(?:results|earnings|revenues?|profits?|net income|loss|sales|ebitda)|financial results|earnings (?:update|release|results|report|per share|beat|call)|results of operations|operating results|unaudited (?:financial )?results|(?:announces?|reports?|releases?|posts?) (?:\S+ ){0,3}(?:earnings|profits?))\b`
  ),
  rule(
    "earnings",
    "revenue",
    2.4,
    1.2,
    String.raw`\b(?:(?:record|higher|lower|strong|net|total|quarterly|annual|gross|recurring)\s(?:\S+\s){0,2}?(?:revenues?|sales|profits?|income|earnings|ebitda|margin)|(?:revenues?|sales|net income|profits?|earnings|ebitda|bookings|arr)\s(?:\S+\s){0,5}?(?:up|down|rose|rises|grew|grows|growth|increas\w*|decreas\w*|fell|falls|declin\w*|jump\w*|surg\w*|slump\w*|plung\w*|soar\w*|climb\w*|dips?|dropp?\w*|slips?|slides?|halv\w*|doubl\w*|tumbl\w*|sinks?|shr[ai]nks?|rebound\w*|narrow\w*|widen\w*|of ${MONEY}|beat|to ${MONEY})|(?:\d[\d.,]*\s?(?:%|percent))\s(?:\S+\s){0,3}?(?:revenue|sales|profit|growth|increase)|qoq|yoy|year[- ]over[- ]year|net (?:loss|income) (?:of|per))\b`
  ),
  rule(
    "earnings",
    "against forecasts",
    2.4,
    1,
    String.raw`\b(?:eps|adjusted (?:profit|earnings|ebitda))\b|\b(?:tops?|beats?|misses|exceeds?|below|above) (?:\S+ ){0,3}?(?:forecasts?|estimates|expectations|consensus)\b|\bswings? to (?:\S+ ){0,2}?(?:profit|loss)\b`
  ),
  rule(
    "earnings",
    "quarter",
    1,
    0.9,
    String.raw`\b(?:(?:quarter|(?:fiscal )?year|months|period|half) ended|for the (?:\S+ ){0,2}(?:quarter|fiscal year)|(?:first|second|third|fourth)[- ]quarter|earnings release|item 2\.02|item 12\b)`
  ),
  rule(
    "earnings",
    "guidance",
    1.6,
    0.7,
    String.raw`\b(?:(?:preliminary|unaudited|selected) (?:\S+ ){0,4}(?:results|revenue|financial)|(?:raises?|reaffirms?|lowers?|lifts?|hikes?|boosts?|trims?|slashes|updates?|cuts?|reiterates?|withdraws?|provides?|issues?) (?:\S+ ){0,4}(?:guidance|outlook|forecast)|profit warning|trading update)\b`
  ),
  rule(
    "earnings",
    "only a date",
    -5,
    -2,
    String.raw`\b(?:to (?:report|announce|release|host|hold|issue|publish)|(?:will|plans to|expects to) (?:report|announce|release|issue|publish|host)|(?:sets?|schedules?|announces?|confirms?|provides?)\s(?:the )?(?:\S+ ){0,8}?(?:date|timing|schedule|call))\b[^.]{0,110}\b(?:results|earnings|conference call|webcast|webinar)\b|\b(?:results|earnings) (?:date|conference call|call|webcast) (?:on|for|scheduled|notification|announce)|\bnotice of (?:\S+ ){0,4}results\b`
  ),
  rule(
    "earnings",
    "results of another kind",
    -2,
    -0.8,
    String.raw`\b(?:(?:drill\w*|assay\w*|trench\w*|trial|study|survey|exploration|test|voting|election|clinical|sampling|metallurgical|poll|search|auction|tender|top-?line|phase \S+) (?:\S+ )?results)\b`
  ),

  // More places, markets, room.
  rule(
    "expansion",
    "opens",
    2.5,
    1.4,
    String.raw`\b(?:open(?:s|ed|ing)?|inaugurat\w*|breaks? ground|broke ground|groundbreaking|ribbon[- ]cutting|celebrat\w* (?:the )?(?:grand )?opening)\b[^.;]{0,60}\b(?:store|office|location|facility|plant|headquarters|branch|cent(?:er|re)|factory|hub|showroom|warehouse|campus|clinic|restaurant|site|laborator(?:y|ies)|lab|hotel|studio|school|terminal|mine|subsidiary|shop|doors|bureau|outlet|depot|gallery|dealership)(?:s|es)?\b|\b(?:grand opening|groundbreaking|ribbon[- ]cutting|breaks ground|broke ground)\b`
  ),
  rule(
    "expansion",
    "expands",
    2.2,
    1,
    String.raw`\b(?:expand(?:s|ed|ing)?|extend(?:s|ed)?|grow(?:s|ing)?|strengthens?|increas(?:es|ing))\s(?:\S+\s){0,6}?(?:into|footprint|presence|operations|headquarters|facility|facilities|network|reach|capacity|internationally|globally|globe|nationwide|worldwide|market|markets|manufacturing|locations?|stores?|to \w+)\b`
  ),
  rule(
    "expansion",
    "expansion",
    1.8,
    1,
    String.raw`\b(?:(?:national|global|international|geographic|regional|factory|plant|facility|market|retail|european|asian|us|u\.s\.|north american|capacity|warehouse|campus|store|corporate|manufacturing) expansion|expansion (?:into|in|across|of (?:its|the)|to|plans?|project)|global footprint|footprint)\b`
  ),
  rule(
    "expansion",
    "new place",
    1.8,
    1,
    String.raw`\b(?:new (?:\S+ ){0,3}?(?:office|facility|location|store|plant|headquarters|campus|warehouse|factory|distribution cent(?:er|re)|branch|hub|fulfil?lment cent(?:er|re)|manufacturing (?:plant|facility|site))s?|(?:relocat\w*|moves?) (?:\S+ ){0,4}(?:headquarters|offices?|facility)|launch(?:es|ed)? (?:operations|business|services?) in|now (?:in|available in|serving) (?:over |more than )?\d+ (?:countries|states|markets|cities))\b`
  ),
  rule(
    "expansion",
    "enters",
    2,
    1,
    String.raw`\b(?:enter(?:s|ed|ing)? (?:the )?(?:\S+ ){0,4}market|market entry|(?:invest(?:s|ing)?|investment) (?:\S+ ){0,6}(?:plant|factory|facility|manufacturing|data cent(?:er|re)s?)|builds? (?:\S+ ){0,4}(?:plant|factory|facility|data cent(?:er|re)))\b`
  ),
  rule(
    "expansion",
    "builds up",
    2.2,
    1.1,
    String.raw`\b(?:doubl|tripl|quadrupl|increas|boost|add|ramp)\w* (?:up )?(?:its |their )?(?:\S+ ){0,2}?(?:capacity|production|floor space|square feet)\b|\b(?:sets? up|establish(?:es|ed)?) (?:\S+ ){0,5}?(?:headquarters|offices?|hub|subsidiary|branch|base|cent(?:er|re))\b|\b(?:picks?|chooses?|selects?) (?:\S+ ){1,4}?(?:for|as) (?:\S+ ){0,5}?(?:plant|factory|facility|headquarters|campus|site|warehouse|hub)\b`
  ),
  rule(
    "expansion",
    "expands something else",
    -2,
    -0.6,
    String.raw`\b(?:expand(?:s|ed|ing)?|extend(?:s|ed)?|expansion of)\s(?:its |the |their )?(?:\S+ ){0,3}?(?:product|portfolio|line-?up|roadmap|team|leadership|board|partnership|agreement|collaboration|relationship|credit|loan|suite|offering|services)\b`
  ),

  // Honours.
  rule(
    "award",
    "wins an award",
    2.8,
    1.5,
    String.raw`\b(?:(?:win(?:s|ner|ners|ning)?|won|receiv\w*|earn\w*|honou?red|present\w*|accept\w*|named|takes home|awarded|recipient of|collects?|claims?|scoops?|captures?|shortlisted|finalist|nominated)\b[^.;]{0,90}?\b(?:awards?|prize|medal|honou?rs?|trophy|accolade|recognition|distinction|title|of the year|hall of fame)|(?:excellence|innovation|business|industry|customer|employer|design) awards?|award (?:for|from|winner|recipient)|finalist|shortlisted|nominated for|makes? (?:\S+ ){0,5}?list\b)\b`
  ),
  rule(
    "award",
    "named to a list",
    2.8,
    1.5,
    String.raw`\b(?:(?:named|names|recogni[sz]e[sd]|selected|ranked|ranks|listed|honou?red|included|featured|appears|positioned|placed|certified|earns? (?:a )?(?:spot|place))\b[^.;]{0,90}?\b(?:one of|among|best|top \d+|top (?:\S+ )?(?:compan|workplace|place|employer|provider|firm|lawyer|agenc|vendor)\w*|ranking|rankings|list\b|a leader|leader in|fastest[- ]growing|most (?:innovative|admired|influential|trusted|loved|promising)|inc\.? 5000|fast 500|fast 50|forbes|fortune|magic quadrant|market guide|great place to work|\b[a-z]+(?:tech)?\s?(?:25|50|100|250|500|1000)\b|50 (?:most|best|under|over)|40 under 40)|(?:best|top|great) (?:places?|workplaces?) to work|inc\.? 5000|great place to work|magic quadrant|forrester wave|g2 (?:\S+ ){0,3}(?:report|leader|award)s?|hall of fame)\b`
  ),
  rule(
    "award",
    "recognition",
    1.6,
    0.9,
    String.raw`\b(?:awards?\b(?! (?:of|agreement|contract))|prestigious|recogni[sz]ed (?:as|by|for|in|with)|recognition (?:as|by|from|for)|honou?r(?:s|ed|ee|ees)\b|accolade)\b`
  ),
  rule(
    "award",
    "awards a contract",
    -2.6,
    -1.4,
    String.raw`\b(?:award(?:s|ed)?|wins?|won|receiv\w*|secur\w*)\s(?:an? )?(?:\S+\s){0,6}?(?:contract|patents?|grant|tender|order|task order|licen[sc]e|project|stock|shares|units|damages)\b|\b(?:stock|share|equity|performance|incentive|restricted) (?:\S+ )?awards?\b`
  ),

  // Company news of another kind.
  rule(
    "other",
    "shares",
    2,
    1.3,
    String.raw`\b(?:dividend|share (?:buyback|repurchase)|stock (?:split|repurchase|buyback)|reverse (?:stock )?split|repurchase (?:program|plan|authori[sz]ation)|shareholder rights|rights (?:plan|agreement)|(?:uplist\w*|upgrade\w*) (?:\S+ ){0,4}(?:listing|otc|nasdaq|nyse)|(?:upgraded its|begins|commences?|to begin) (?:listing|trading)|ticker symbol|name change|changes? (?:its )?name|rebrand\w*|redemption of)\b`
  ),
  rule(
    "other",
    "meetings",
    2,
    1.4,
    String.raw`\b(?:annual (?:general )?meeting|special meeting|extraordinary general|proxy statement|stockholders? (?:vote|meeting)|shareholders? (?:vote|meeting|approve)|voting results|bylaws|articles of (?:incorporation|association)|certificate of (?:incorporation|amendment)|code of regulations|fiscal year end)\b`
  ),
  rule(
    "other",
    "investor events",
    2,
    1.3,
    String.raw`\b(?:to (?:present|participate|attend|webcast|speak|exhibit|showcase|report|announce|release|host)\s(?:\S+\s){0,8}?(?:conference|summit|forum|results|call|webcast|event|expo|show|symposium)|(?:will|presents?|presented|participat\w*)\s(?:\S+ ){0,8}?(?:at|in) (?:the )?(?:\S+ ){0,7}(?:conference|summit|forum|symposium|investor day)|investor (?:presentation|day|conference|call)s?|presentations? (?:to|for|with|at) (?:\S+ ){0,4}(?:investors|conference)|fireside chat|regulation fd)\b`
  ),
  rule(
    "other",
    "operations",
    1.8,
    1,
    String.raw`\b(?:drill(?:s|ing)? (?:results|program|intersect\w*)|assays?|trench\w*|feasibility study|mineral resource|resource estimate|exploration|production (?:update|results)|operational (?:update|highlights)|(?:business|corporate|company|project|shareholder) update|letter to (?:share|stock)holders|patents?|contract (?:award|win|from|worth)|awarded (?:\S+ ){0,5}contract|(?:wins|secures) (?:\S+ ){0,5}(?:contract|order)|first orders?|restructur\w*|layoffs?|bankruptcy|chapter 11|impairment|cyber\w* (?:attack|incident)|data breach|sustainability report|esg report|auditor|independent registered public accounting|strategic alternatives|(?:plan(?:ned|s)?|intend\w*) (?:to separate|separation|to spin off|spin-?off))\b`
  ),
  rule(
    "other",
    "troubles",
    2.2,
    1,
    String.raw`\b(?:ransomware|cyber-?attack|hackers?|outage|strike action|walkout|job cuts|lay(?:s|ing)? off|cuts? (?:\S+ ){0,4}?(?:workforce|staff|jobs)|files for (?:bankruptcy|chapter)|insolvency|liquidation)\b|\b(?:schedules?|sets?|announces?) (?:\S+ ){0,8}?(?:call|conference call|earnings call|webcast|earnings date)\b`
  ),
  rule(
    "other",
    "progress",
    0.9,
    0.4,
    String.raw`\b(?:advanc\w* (?:\S+ ){0,5}projects?|(?:recent|key) (?:achievements|milestones)|milestones?)\b`
  ),

  // No event.
  rule(
    "none",
    "advice",
    2.4,
    0.5,
    String.raw`^(?:how|why|what|when|where|who|which|should|can|do|does|is|are|top \d+|\d+ (?:ways|tips|things|reasons|steps|signs|best))\b|\?\s*$|\b(?:how to|guide to|tips (?:for|to|on)|need to know|everything you|explained|ways to|the benefits of|importance of|impact of|the future of|the rise of|the power of|blog post)\b`
  ),
  rule(
    "none",
    "opinion",
    1.8,
    0.7,
    String.raw`\b(?:says|interview|podcast|episode|webinar|op-ed|opinion|discusses|sits down|featured (?:on|in)|explains|shares (?:his|her|insights|tips)|white\s?paper|survey (?:finds|reveals|shows)|finds|study (?:finds|reveals)|new (?:data|research|report|survey|study) (?:from|shows|finds|reveals)|in the spotlight)\b`
  ),
  rule(
    "none",
    "advertising",
    1.6,
    0.6,
    String.raw`\b(?:for (?:rent|sale)|available for rent|giveaway|raffle|sweepstakes|sponsored content|holiday (?:season|gift|deals)|gift ideas|your (?:home|business|family|next)|price (?:prediction|analysis)|horoscope|recipes?)\b`
  )
]
